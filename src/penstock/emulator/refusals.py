"""The service's error answers: whole replies with the words that Azure uses, none of them a stream.

The same mistake comes in several shapes in the wild; each shape is a function. Clients must read codes, not messages.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import formatdate

import msgspec
from msgspec import Struct

from penstock.core.events import Json
from penstock.emulator.chunks import PROMPT_SAFE

_JSON = "application/json; charset=utf-8"
_FILTER_MESSAGE = (
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. "
    "Please modify your prompt and retry. To learn more about our content filtering policies please read our "
    "documentation: https://go.microsoft.com/fwlink/?linkid=2198766"
)
_BLOCKED: Json = PROMPT_SAFE | {"jailbreak": {"detected": True, "filtered": True}}


class Reply(Struct, frozen=True, kw_only=True):
    """A whole HTTP answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}
    media_type: str = _JSON


class Refusal(Exception):  # noqa: N818 - the service refuses; that is no error of ours
    """Carries a reply out of the reading of a request."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def json_reply(status: int, body: Json, headers: Mapping[str, str] | None = None) -> Reply:
    """Give a reply with a JSON body."""
    return Reply(status=status, body=msgspec.json.encode(body), headers=headers or {})


def coded(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Reply:
    """Give the gateway's shape: ``{"error": {"code", "message"}}``."""
    return json_reply(status, {"error": {"code": code, "message": message}}, headers)


def invalid_request(message: str, *, param: str | None = None, code: str | None = None) -> Reply:
    """Give a 400 in the model service's shape."""
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return json_reply(400, {"error": error})


def unsupported_parameter(name: str, advice: str = "") -> Reply:
    """Refuse a parameter that the model's family does not have."""
    message = f"Unsupported parameter: '{name}' is not supported with this model. {advice}".rstrip()
    return invalid_request(message, param=name, code="unsupported_parameter")


def unsupported_value(name: str, value: Json, default: float) -> Reply:
    """Refuse any value but the default."""
    message = (
        f"Unsupported value: '{name}' does not support {value} with this model. "
        f"Only the default ({default}) value is supported."
    )
    return invalid_request(message, param=name, code="unsupported_value")


def context_length(prompt_tokens: int) -> Reply:
    """Refuse a prompt that is too long."""
    message = (
        "This model's maximum context length is 128000 tokens. However, your messages resulted in "
        f"{prompt_tokens} tokens. Please reduce the length of the messages."
    )
    return invalid_request(message, param="messages", code="context_length_exceeded")


def filter_classic() -> Reply:
    """Refuse a prompt, the classic shape: ``innererror`` with the singular ``content_filter_result``."""
    inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": _BLOCKED}
    return _filtered(type=None, param="prompt", status=400, innererror=inner)


def filter_plural() -> Reply:
    """Refuse a prompt: ``inner_error`` with the plural ``content_filter_results``."""
    inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_results": _BLOCKED}
    return _filtered(type=None, param="prompt", status=400, inner_error=inner)


def filter_list() -> Reply:
    """Refuse a prompt: a list of ``content_filters``, as the newest surface does."""
    found: Json = {
        "blocked": True,
        "source_type": "prompt",
        "content_filter_raw": [],
        "content_filter_results": _BLOCKED,
        "content_filter_offsets": {"check_offset": 0, "end_offset": 64, "start_offset": 0},
    }
    return _filtered(type="invalid_request_error", param="prompt", content_filters=[found])


def filter_bare() -> Reply:
    """Refuse a prompt without any inner error."""
    return _filtered(type=None, param="prompt", status=400)


def filter_minimal() -> Reply:
    """Refuse a prompt with code and message alone."""
    return _filtered()


def _filtered(**more: Json) -> Reply:
    return json_reply(400, {"error": {"message": _FILTER_MESSAGE, "code": "content_filter", **more}})


def wrong_key() -> Reply:
    """Refuse a key."""
    return coded(
        401,
        "401",
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for "
        "an active subscription and use a correct regional API endpoint for your resource.",
    )


def wrong_token() -> Reply:
    """Refuse an Entra token: flat, without ``error``."""
    message = (
        "Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), "
        "or have expired."
    )
    return json_reply(401, {"statusCode": 401, "message": message})


def no_role() -> Reply:
    """Refuse a principal without the data role."""
    return coded(401, "PermissionDenied", "Principal does not have access to API/Operation.")


def forbidden() -> Reply:
    """Refuse by network rules."""
    return coded(403, "403", "Access denied due to Virtual Network/Firewall rules.")


def unknown_deployment() -> Reply:
    """Say that the deployment does not exist."""
    return coded(
        404,
        "DeploymentNotFound",
        "The API deployment for this resource does not exist. If you created the deployment within the last 5 "
        "minutes, please wait a moment and try again.",
    )


def unknown_resource() -> Reply:
    """Say that the path does not exist."""
    return coded(404, "404", "Resource not found")


def timed_out() -> Reply:
    """Give up with 408."""
    return coded(408, "Timeout", "The operation was timeout.")


def rate_limited(headers: Mapping[str, str], seconds: int) -> Reply:
    """Refuse for the token rate; ``headers`` say when to come back, in whatever form."""
    message = (
        "Your requests to the deployment have exceeded the token rate limit for your current AIServices S0 pricing "
        f"tier. This request was for ChatCompletions_Create under Azure OpenAI API version 2023-05-15. Please retry "
        f"after {seconds} seconds. To increase your default rate limit, visit: https://aka.ms/oai/quotaincrease."
    )
    return coded(429, "429", message, headers)


def overloaded() -> Reply:
    """Refuse for capacity, without saying when to come back."""
    message = (
        "The system is currently experiencing high demand and cannot process your request. Your request exceeds the "
        "maximum usage size allowed during peak load."
    )
    return coded(429, "429", message)


def http_date(seconds: float) -> str:
    """Give the HTTP date so many seconds from now."""
    return formatdate(time.time() + seconds, usegmt=True)


def server_error(status: int = 500) -> Reply:
    """Fail inside."""
    return json_reply(status, {"error": server_error_body()})


def server_error_body() -> Json:
    """Give the inside of a server error, which also appears in mid-stream."""
    message = "The server had an error while processing your request. Sorry about that!"
    return {"message": message, "type": "server_error", "param": None, "code": None}


def bad_gateway() -> Reply:
    """Fail as a proxy does: in HTML."""
    body = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n"
    return Reply(status=502, body=body, media_type="text/html")


def unavailable(headers: Mapping[str, str]) -> Reply:
    """Be away for a while."""
    return coded(503, "ServiceUnavailable", "The service is temporarily unable to process your request.", headers)
