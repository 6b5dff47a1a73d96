"""What the AI SDK's wires say of a run beside its words, in the SDK's own spelling. Absent is left out, never null."""

from __future__ import annotations

from typing import Any, Final, assert_never

from penstock.core import events as e
from penstock.core.usage import Timings
from penstock.wire.outcome import INTERRUPTIONS, count_total, without_none

REASONS: Final[dict[e.FinishReason, str]] = {
    "stop": "stop",
    "length": "length",
    "content-filter": "content-filter",
    "tool-calls": "tool-calls",
    "refusal": "other",
    "other": "other",
}
"""The clients' list of reasons is closed; the metadata has our own word."""


def describe_run(terminal: e.Terminal, *, model: str, usage: e.Usage | None) -> dict[str, Any]:
    """Give what goes with the end of the answer: how it ended, what it took and what it cost."""
    cost = None if usage is None else usage.cost
    return without_none(
        **_describe_ending(terminal),
        model=model,
        usage=None if usage is None else _describe_usage(usage),
        cost=None if cost is None or cost.usd is None else {"usd": cost.usd, "isEstimated": cost.is_estimated},
        timings=None if terminal.timings is None else _describe_timings(terminal.timings),
    )


def _describe_ending(terminal: e.Terminal) -> dict[str, Any]:
    match terminal:
        case e.RunFinished():
            return {"status": "finished", "finishReason": terminal.finish_reason, "rawFinishReason": terminal.raw}
        case e.RunFailed():
            return {
                "status": "failed",
                "code": terminal.code,
                "retryable": terminal.retryable,
                "retryAfterS": terminal.retry_after_s,
            }
        case e.RunStopped():
            return {"status": "stopped", "stoppedBy": terminal.by}
        case e.RunInterrupted():
            return {"status": "interrupted", "code": INTERRUPTIONS[terminal.cause][0]}
        case _:
            assert_never(terminal)


def _describe_usage(usage: e.Usage) -> dict[str, Any]:
    return without_none(
        inputTokens=usage.input,
        outputTokens=usage.output,
        totalTokens=count_total(usage),
        reasoningTokens=usage.reasoning,
        cachedInputTokens=usage.cached,
        source=usage.source,
    )


def _describe_timings(timings: Timings) -> dict[str, Any]:
    return without_none(
        firstEventMs=timings.first_event_ms,
        firstTokenMs=timings.first_token_ms,
        reasoningMs=timings.reasoning_ms,
        totalMs=timings.total_ms,
    )
