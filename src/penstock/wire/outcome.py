"""How a run came out, in the words that several wires share. Knows events, not wires.

Names follow OpenAI's where it has one (``prompt_tokens``, ``content_filter``). What is unknown is left out, never null.
"""

from __future__ import annotations

from typing import Any, Final, assert_never

import msgspec

from penstock.core import events as e
from penstock.core import messages as m

FINISH_REASONS: Final[dict[e.FinishReason, str]] = {
    "stop": "stop",
    "length": "length",
    "content-filter": "content_filter",
    "tool-calls": "tool_calls",
    "refusal": "refusal",
    "other": "other",
}
"""The canonical reason in OpenAI's spelling."""

INTERRUPTIONS: Final[dict[e.InterruptionCause, tuple[str, str]]] = {
    "upstream-eof": ("upstream_eof", "The model service ended the answer without saying that it is complete."),
    "producer-lost": ("producer_lost", "The server lost the answer before it was complete."),
}
"""Cause -> code and sentence."""

STOPS: Final[dict[e.StoppedBy, tuple[str, str]]] = {
    "user": ("stopped_by_user", "The answer was stopped on request."),
    "timeout": ("stopped_by_timeout", "The answer was stopped because it took too long."),
    "budget": ("stopped_by_budget", "The answer was stopped because it reached its budget."),
    "shutdown": ("stopped_by_shutdown", "The answer was stopped because the server shuts down."),
}
"""Who stopped it -> code and sentence."""


VOIDED: Final = ("step_reset", "The model service began its answer again: what was sent so far is void.")
"""Code and sentence, for wires that can't take back what a reset made void."""


def without_none(**fields: object) -> dict[str, Any]:
    """Keep the fields that are known."""
    return {name: value for name, value in fields.items() if value is not None}


def is_notable(event: e.ContentFilter) -> bool:
    """Whether the filter found something; services also report that they found nothing, which readers need not see."""
    return event.blocked or any(verdict.filtered or verdict.detected for verdict in event.verdicts.values())


def describe_filter(event: e.ContentFilter) -> dict[str, Any]:
    """Give a filter's verdict as JSON values."""
    return without_none(
        stage=event.stage,
        mode=event.mode,
        blocked=event.blocked,
        verdicts=msgspec.to_builtins(event.verdicts),
        offsets=msgspec.to_builtins(event.offsets),
    )


def describe_source(source: e.Source | m.SourcePart) -> dict[str, Any]:
    """Give a source as JSON values, from the event or from the part that it became."""
    return without_none(
        id=source.source_id,
        kind=source.kind,
        url=source.url,
        title=source.title,
        media_type=source.media_type,
        start=source.start,
        end=source.end,
    )


def describe_call(event: e.ToolCallReady | e.ToolCallInvalid) -> dict[str, Any]:
    """Give a call that is whole: its input, or the arguments as they came and what is wrong with them."""
    call = {"id": event.tool_call_id, "name": event.name}
    match event:
        case e.ToolCallReady():
            return {**call, "input": event.input}
        case e.ToolCallInvalid():
            return {**call, "arguments": event.arguments, "error": event.error_text}
        case _:
            assert_never(event)


def describe_result(event: e.ToolResult) -> dict[str, Any]:
    """Give what a tool gave back."""
    outcome = {"output": event.output} if event.error_text is None else {"error": event.error_text}
    return {"id": event.tool_call_id, **outcome}


def describe_progress(event: e.Progress) -> dict[str, Any]:
    """Give a stage of the pipeline."""
    return without_none(stage=event.stage, state=event.state, detail=event.detail, duration_ms=event.duration_ms)


def describe_data(event: e.Data) -> dict[str, Any]:
    """Give an application's own value, which may be null."""
    about = without_none(id=event.data_id, transient=event.transient or None)
    return {"name": event.name, "value": event.value, **about}


def count_total(usage: e.Usage) -> int | None:
    """Give all tokens: the service's figure, or the sum when it gave both parts."""
    if usage.total is None and usage.input is not None and usage.output is not None:
        return usage.input + usage.output
    return usage.total


def describe_usage(usage: e.Usage) -> dict[str, Any]:
    """Give the tokens by OpenAI's names, and who counted them."""
    prompt_details = without_none(cached_tokens=usage.cached, cache_write_tokens=usage.cache_write)
    completion_details = without_none(reasoning_tokens=usage.reasoning)
    return without_none(
        prompt_tokens=usage.input,
        completion_tokens=usage.output,
        total_tokens=count_total(usage),
        prompt_tokens_details=prompt_details or None,
        completion_tokens_details=completion_details or None,
        source=usage.source,
    )


def describe_spending(usage: e.Usage | None) -> dict[str, Any]:
    """Give ``usage`` and ``cost`` as far as they are known."""
    if usage is None:
        return {}
    cost = None if usage.cost is None or usage.cost.usd is None else msgspec.to_builtins(usage.cost)
    return without_none(usage=describe_usage(usage), cost=cost)


def describe_ending(terminal: e.Terminal) -> dict[str, Any]:
    """Give ``status`` and what the terminal itself says, ``error`` and ``code`` where the answer is not whole."""
    match terminal:
        case e.RunFinished():
            return {"status": "finished", "finish_reason": FINISH_REASONS[terminal.finish_reason]}
        case e.RunFailed():
            return without_none(
                error=terminal.message,
                code=terminal.code,
                status="failed",
                retryable=terminal.retryable,
                retry_after_s=terminal.retry_after_s,
            )
        case e.RunStopped():
            code, sentence = STOPS[terminal.by]
            error = {} if terminal.by == "user" else {"error": sentence, "code": code}
            return {**error, "status": "stopped", "finish_reason": None, "stopped_by": terminal.by}
        case e.RunInterrupted():
            code, sentence = INTERRUPTIONS[terminal.cause]
            return {"error": sentence, "code": code, "status": "interrupted"}
        case _:
            assert_never(terminal)
