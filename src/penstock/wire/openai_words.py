"""OpenAI's words for how a run came out: what the forms of its wire share, with Azure's words where they differ.

Shapes: OpenAI API reference "Chat", Azure OpenAI reference 2024-10-21. Knows events, no wire.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, assert_never

import msgspec

from penstock.core import events as e
from penstock.core import messages as m
from penstock.core.events import Json
from penstock.wire.dialect import StreamContext
from penstock.wire.outcome import INTERRUPTIONS, STOPS, VOIDED, describe_usage, without_none

FINISH_WORDS: Final[dict[e.FinishReason, str]] = {
    "stop": "stop",
    "length": "length",
    "content-filter": "content_filter",
    "tool-calls": "tool_calls",
    "refusal": "content_filter",
    "other": "stop",
}
"""The canonical reason as one of the words that typed clients know: some throw at any other."""

FAILURES: Final[dict[str, tuple[int, str]]] = {
    "invalid_request": (400, "invalid_request"),
    "unsupported_parameter": (400, "unsupported_parameter"),
    "content_filter": (400, "content_filter"),
    "context_length": (400, "context_length_exceeded"),
    "authentication": (401, "invalid_api_key"),
    "permission": (403, "permission_denied"),
    "deployment_not_found": (404, "model_not_found"),
    "rate_limited": (429, "rate_limit_exceeded"),
    "quota_exceeded": (429, "insufficient_quota"),
    "overloaded": (503, "overloaded"),
    "unavailable": (503, "unavailable"),
    "timeout": (504, "timeout"),
}
"""A failure's code -> HTTP status and OpenAI's code; every other failure is the model service's: 502, its own code."""

_STOP_STATUSES: Final[dict[e.StoppedBy, int]] = {"user": 499, "budget": 403, "timeout": 504, "shutdown": 503}
"""A stop by the user is no 409, which OpenAI's clients try again: a stopped answer must not come back by itself."""

_TYPES: Final = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_SERVER: Final = 500

AZURE: Final = "azure"
"""The parameter that asks for what only Azure's answers have."""


def is_azure(context: StreamContext) -> bool:
    """Whether the reader wants Azure's extras."""
    return context.parameters.get(AZURE) == "1"


def completion_id(context: StreamContext, *, prefix: str) -> str:
    """Give the answer's id, the same on every chunk and replay; the run's id stands in it."""
    return f"{prefix}-{context.run_id}"


def make_error(*, status: int, message: str, code: str, param: str | None = None) -> dict[str, Any]:
    """Give OpenAI's error object."""
    kind = _TYPES.get(status, "server_error" if status >= _SERVER else "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


RESET: Final = make_error(status=502, code=VOIDED[0], message=VOIDED[1])
"""For a reader who was sent what a reset made void, and can't take it back."""


def describe_finish(terminal: e.RunFinished) -> dict[str, Any]:
    """Give the finish reason, and beside it the service's own word where OpenAI has none."""
    has_word = terminal.finish_reason not in {"refusal", "other"}
    native = None if has_word else terminal.raw or terminal.finish_reason
    return {"finish_reason": FINISH_WORDS[terminal.finish_reason], **without_none(native_finish_reason=native)}


def describe_failure(
    terminal: e.RunFailed | e.RunStopped | e.RunInterrupted, *, prompt_results: Mapping[str, Any] | None = None
) -> tuple[int, dict[str, Any]]:
    """Give the HTTP status and the error object; ``prompt_results``: what Azure's filter said of the prompt."""
    match terminal:
        case e.RunFailed():
            status, code = FAILURES.get(terminal.code, (502, terminal.code))
            error = make_error(status=status, message=terminal.message, code=code)
            if terminal.code == "content_filter" and prompt_results:
                inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": prompt_results}
                error["error"] |= {"param": "prompt", "status": status, "innererror": inner}
            return status, error
        case e.RunStopped():
            status = _STOP_STATUSES[terminal.by]
            code, sentence = STOPS[terminal.by]
            return status, make_error(status=status, message=sentence, code=code)
        case e.RunInterrupted():
            code, sentence = INTERRUPTIONS[terminal.cause]
            return 502, make_error(status=502, message=sentence, code=code)
        case _:
            assert_never(terminal)


def describe_results(event: e.ContentFilter) -> dict[str, Any]:
    """Give Azure's results by category, with what our verdicts can't hold."""
    results: dict[str, Any] = {
        category: {"filtered": verdict.filtered, **without_none(detected=verdict.detected, severity=verdict.severity)}
        for category, verdict in event.verdicts.items()
    }
    for category, rest in (event.extra or {}).items():
        known = results.get(category)
        results[category] = known | rest if isinstance(known, dict) and isinstance(rest, dict) else rest
    return results


def describe_prompt(results: Mapping[str, Any]) -> list[Json]:
    """Give Azure's list of results by prompt; there is one prompt."""
    return [{"prompt_index": 0, "content_filter_results": results}]


def describe_citation(source: e.Source | m.SourcePart) -> dict[str, Any] | None:
    """Give a page as OpenAI's annotation; it has no word for a document."""
    if source.url is None:
        return None
    place = without_none(start_index=source.start, end_index=source.end, title=source.title)
    return {"type": "url_citation", "url_citation": {"url": source.url, **place}}


def describe_offsets(event: e.ContentFilter) -> dict[str, Any]:
    """Give Azure's offsets, when there are any."""
    return {} if event.offsets is None else {"content_filter_offsets": msgspec.to_builtins(event.offsets)}


def describe_tokens(usage: e.Usage) -> dict[str, Json]:
    """Give OpenAI's usage object; ``source`` is there when the service did not count the tokens itself."""
    described = describe_usage(usage)
    if usage.source == "provider":
        del described["source"]
    return described
