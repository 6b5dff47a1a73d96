"""What model services answer when they refuse or fail -> `ProviderError`, once, by tables.

Shapes: OpenAI's ``{"error": {...}}``, Azure's with ``innererror`` or ``inner_error``, gateways' flat ``{"statusCode",
"message"}`` and ``{"code", "message"}``, self-hosted servers' ``{"detail": ...}`` (FastAPI), and HTML of proxies. The
body's words count before the HTTP status, because error frames in a stream have no status.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from penstock.core.errors import ProviderError
from penstock.core.events import ContentFilter, Json
from penstock.providers.filter_verdicts import make_filter
from penstock.providers.foreign_json import as_count, as_list, as_object, as_text, parse_json, scrub_text

_MAX_DETAIL: Final = 400
_KEY_LIKE: Final = re.compile(r"(sk-|Bearer\s+)[A-Za-z0-9*._~+/=-]{6,}")
_TAGS: Final = re.compile(r"<[^>]*>")
_WAIT_IN_TEXT: Final = re.compile(r"(?:retry|try again) (?:after|in) (\d+(?:\.\d+)?) ?(ms|s|second)", re.IGNORECASE)

_BY_WORD: Final[dict[str, str]] = {
    "content_filter": "content_filter",
    "content_policy_violation": "content_filter",
    "responsibleaipolicyviolation": "content_filter",
    "context_length_exceeded": "context_length",
    "unsupported_parameter": "unsupported_parameter",
    "unsupported_value": "unsupported_parameter",
    "deploymentnotfound": "deployment_not_found",
    "model_not_found": "deployment_not_found",
    "insufficient_quota": "quota_exceeded",
    "rate_limit_exceeded": "rate_limited",
    "too_many_requests": "rate_limited",
    "toomanyrequests": "rate_limited",
    "429": "rate_limited",
    "invalid_api_key": "authentication",
    "authentication_error": "authentication",
    "401": "authentication",
    "permission_error": "permission",
    "permissiondenied": "permission",
    "403": "permission",
    "server_error": "server_error",
    "internal_server_error": "server_error",
    "internalservererror": "server_error",
    "500": "server_error",
    "502": "server_error",
    "504": "server_error",
    "overloaded_error": "overloaded",
    "service_unavailable": "overloaded",
    "serviceunavailable": "overloaded",
    "503": "overloaded",
    "timeout": "timeout",
    "408": "timeout",
    "invalid_request_error": "invalid_request",
    "badrequesterror": "invalid_request",
    "400": "invalid_request",
    "404": "deployment_not_found",
}
_BY_STATUS: Final[dict[int, str]] = {
    400: "invalid_request",
    401: "authentication",
    403: "permission",
    404: "deployment_not_found",
    408: "timeout",
    409: "overloaded",
    413: "invalid_request",
    422: "invalid_request",
    429: "rate_limited",
    503: "overloaded",
    529: "overloaded",
}
_SENTENCES: Final[dict[str, str]] = {
    "authentication": "{service} refused the credentials. "
    "Check the API key (or the Entra ID sign-in) and that it belongs to this endpoint.",
    "permission": "{service} says that these credentials may not use {model}. On Azure, give the identity the role "
    "Cognitive Services OpenAI User and wait five minutes. {detail}",
    "deployment_not_found": "{service} does not know {model}. "
    "Check the deployment or model name and the endpoint. {detail}",
    "rate_limited": "{service} is limiting requests to {model}. "
    "Try again later, or raise the quota of the deployment. {detail}",
    "quota_exceeded": "{service} says that the quota of this account is used up. Check its plan and billing. {detail}",
    "content_filter": "The content filter of {service} refused the request{categories}. "
    "Change the wording of the last message and try again.",
    "context_length": "The conversation is too long for {model}. Start a new conversation, or shorten it. {detail}",
    "unsupported_parameter": "{model} does not accept a setting of the request. {detail}",
    "invalid_request": "{service} refused the request. {detail}",
    "timeout": "{service} gave up waiting for its own model. Try again. {detail}",
    "server_error": "{service} had an internal error. Try again. {detail}",
    "overloaded": "{service} is overloaded at the moment. Try again soon. {detail}",
    "provider_error": "{service} reported an error. {detail}",
    "bad_response": "{service} answered with something that is not a model's answer; is the endpoint right? {detail}",
}
_ANSWER_FIELDS: Final = frozenset({"choices", "usage", "prompt_filter_results"})
_CODE_FIELDS: Final = frozenset({"code", "statusCode", "status"})
_RETRYABLE: Final = frozenset({"rate_limited", "timeout", "server_error", "overloaded"})


class Service(Struct, frozen=True):
    """Whom an error speaks of. ``secrets`` are never repeated, whatever the service quotes."""

    name: str
    model: str
    secrets: tuple[str, ...] = ()


class Failure(Struct, frozen=True, kw_only=True):
    """A failure as the service told it, and what Penstock says of it."""

    error: ProviderError
    param: str | None = None
    """The part of the request that the service names as the cause."""
    detail: str = ""
    """The service's own words."""
    prompt_filter: ContentFilter | None = None
    """The verdicts, when the content filter refused the prompt."""


def read_error_body(service: Service, body: bytes, *, status: int, retry_after_s: float | None = None) -> Failure:
    """Read the body of an answer that is not 200, JSON or not."""
    try:
        value = parse_json(body)
    except ValueError:
        value = None
    if isinstance(value, dict | list):
        return read_error_value(service, value, status=status, retry_after_s=retry_after_s)
    text = _TAGS.sub(" ", body[:4096].decode("utf-8", "replace"))
    return read_error_value(service, {"message": text}, status=status, retry_after_s=retry_after_s)


def read_error_value(
    service: Service, value: Json, *, status: int | None = None, retry_after_s: float | None = None
) -> Failure:
    """Read an error that is already JSON: a body, or a frame in a stream (then ``status`` is None)."""
    fields = _find_fields(value)
    detail = _clean(_find_message(fields), service.secrets)
    results = _find_filter_results(fields)
    code = _classify(fields, detail, status)
    wait_s = retry_after_s if retry_after_s is not None else _find_wait(detail, code)
    error = ProviderError(
        _say(service, code, detail, results),
        code="rate_limited" if code == "quota_exceeded" else code,
        is_retryable=code in _RETRYABLE,
        retry_after_s=wait_s,
        status=status if status is not None else _status_in(fields),
    )
    prompt_filter = make_filter(results, stage="prompt", is_blocked=True) if code == "content_filter" else None
    return Failure(error=error, param=as_text(fields.get("param")), detail=detail, prompt_filter=prompt_filter)


def is_error_frame(value: dict[str, Json], name: str) -> bool:
    """Whether a frame of a stream is an error: by an ``error`` key, by the event's name, or by its bare shape."""
    if value.get("error") or name == "error" or _find_choice_error(value):
        return True
    if not _ANSWER_FIELDS.isdisjoint(value):
        return False
    if "error" in (value.get("type"), value.get("object")) or value.get("detail"):
        return True
    return "message" in value and (value.keys() == {"message"} or not _CODE_FIELDS.isdisjoint(value))


def _find_fields(value: Json) -> dict[str, Json]:
    if isinstance(value, list):
        value = next(iter(as_list(value)), None)
    fields = as_object(value)
    error = fields.get("error")
    if isinstance(error, str):
        return {**fields, "message": error}
    return as_object(error) or as_object(fields.get("response")) or _find_choice_error(fields) or fields


def _find_choice_error(fields: dict[str, Json]) -> dict[str, Json]:
    """Find the error inside of a choice, where OpenRouter puts that of the service behind it."""
    found: dict[str, Json] = {}
    for choice in as_list(fields.get("choices")):
        found = found or as_object(as_object(choice).get("error"))
    return found


def _find_message(fields: dict[str, Json]) -> str:
    for name in ("message", "detail", "error_description", "msg", "error"):
        value = fields.get(name)
        if isinstance(value, str) and value.strip():
            return value
        details = [_describe_detail(as_object(item)) for item in as_list(value)]
        if details:
            return "; ".join(details)
    return ""


def _describe_detail(item: dict[str, Json]) -> str:
    place = ".".join(str(part) for part in as_list(item.get("loc")))
    return f"{place}: {item.get('msg', '')}"


def _find_filter_results(fields: dict[str, Json]) -> dict[str, Json]:
    inner = as_object(fields.get("innererror")) or as_object(fields.get("inner_error"))
    listed = [as_object(item) for item in as_list(fields.get("content_filters"))]
    for holder in (inner, fields, *listed):
        for name in ("content_filter_result", "content_filter_results"):
            found = as_object(holder.get(name))
            if found:
                return found
    return {}


def _classify(fields: dict[str, Json], detail: str, status: int | None) -> str:
    inner = as_object(fields.get("innererror")) or as_object(fields.get("inner_error"))
    words = (inner.get("code"), fields.get("code"), fields.get("statusCode"), fields.get("type"), fields.get("status"))
    by_word = _first_known(words)
    if by_word in {None, "invalid_request"} and "content management policy" in detail:
        return "content_filter"
    if by_word in {None, "invalid_request"} and "maximum context length" in detail:
        return "context_length"
    if by_word is not None and (status is None or by_word != "invalid_request"):
        return by_word
    if status is None:
        return "provider_error"
    return _BY_STATUS.get(status) or _by_class(status)


def _by_class(status: int) -> str:
    if status >= 500:  # noqa: PLR2004 - the 5xx class
        return "server_error"
    return "invalid_request" if status >= 400 else "bad_response"  # noqa: PLR2004 - the 4xx class


def _first_known(words: Iterable[Json]) -> str | None:
    for word in words:
        code = _BY_WORD.get(str(word).lower()) if word is not None else None
        if code is not None:
            return code
    return None


def _status_in(fields: dict[str, Json]) -> int | None:
    for name in ("status", "statusCode", "status_code", "code"):
        count = as_count(fields.get(name))
        if count is not None and 400 <= count < 600:  # noqa: PLR2004 - the range of HTTP errors
            return count
    return None


def _find_wait(detail: str, code: str) -> float | None:
    found = _WAIT_IN_TEXT.search(detail) if code in _RETRYABLE else None
    if found is None:
        return None
    return float(found[1]) / (1000 if found[2].lower() == "ms" else 1)


def _clean(text: str, secrets: tuple[str, ...]) -> str:
    text = scrub_text(" ".join(text.split()))
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    text = _KEY_LIKE.sub("***", text)
    return text if len(text) <= _MAX_DETAIL else text[:_MAX_DETAIL] + " ..."


def _say(service: Service, code: str, detail: str, results: dict[str, Json]) -> str:
    blocked = sorted(name for name, value in results.items() if as_object(value).get("filtered") is True)
    sentence = _SENTENCES[code].format(
        service=service.name,
        model=service.model or "the model",
        detail=f'It said: "{detail}"' if detail else "",
        categories=f" ({', '.join(scrub_text(name) for name in blocked)})" if blocked else "",
    )
    return sentence.strip()
