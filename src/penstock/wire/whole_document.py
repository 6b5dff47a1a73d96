"""The answer as one JSON object when the run has ended: what the wires that give one document share.

Only a finished answer is a 200. Everything else has an error status and the members of problem JSON (RFC 9457), and
still carries the text so far in ``message``: interrupted 502; failed by its code; stopped 409 (by the user or the
budget), 504 (timeout), 503 (shutdown).
"""

from __future__ import annotations

from typing import Any, Final, assert_never

import msgspec

from penstock.core import events as e
from penstock.core import messages as m
from penstock.core.fold import Folder
from penstock.wire.dialect import StreamContext
from penstock.wire.outcome import (
    FINISH_REASONS,
    INTERRUPTIONS,
    STOPS,
    describe_filter,
    describe_source,
    describe_spending,
    is_notable,
    without_none,
)

FAILURE_STATUSES: Final = {
    "rate_limited": 429,
    "content_filter": 400,
    "context_length": 400,
    "invalid_request": 400,
    "unsupported_parameter": 400,
    "overloaded": 503,
    "unavailable": 503,
    "timeout": 504,
}
"""HTTP status by the failure's code; every other failure is the model service's: 502."""

STOP_STATUSES: Final[dict[e.StoppedBy, int]] = {"user": 409, "budget": 409, "timeout": 504, "shutdown": 503}


class Document:
    """Folds a log, and gives its one object when it ends."""

    def __init__(self, context: StreamContext) -> None:
        """Start with nothing."""
        self.status = 200
        """The HTTP status, known once the terminal was fed."""
        self._context = context
        self._folder = Folder()
        self._usage: e.Usage | None = None

    def __repr__(self) -> str:
        """Show what is folded so far."""
        return f"Document(status={self.status}, {self._folder!r})"

    @property
    def folded(self) -> m.FoldedMessage:
        """The message as of the last event."""
        return self._folder.message

    def feed(self, event: e.Event) -> dict[str, Any] | None:
        """Take one event; gives the object with the terminal, and nothing before."""
        self._folder.feed(event)
        match event:
            case e.Usage():
                self._usage = event
            case e.RunFinished() | e.RunFailed() | e.RunStopped() | e.RunInterrupted():
                return self._close(event)
            case _:
                pass
        return None

    def _close(self, terminal: e.Terminal) -> dict[str, Any]:
        folded = self.folded
        self.status = status_of(terminal)
        about = without_none(
            model=folded.model,
            run_id=self._context.run_id,
            message_id=self._context.message_id,
            conversation_id=self._context.conversation_id,
            timings=None if folded.timings is None else msgspec.to_builtins(folded.timings),
            filters=[describe_filter(event) for event in folded.filters if is_notable(event)] or None,
        )
        return {
            "message": _describe_message(folded.parts),
            **_describe_ending(terminal),
            **describe_spending(self._usage),
            **about,
        }


def status_of(terminal: e.Terminal) -> int:
    """Give the HTTP status of an answer that is one document."""
    match terminal:
        case e.RunFinished():
            return 200
        case e.RunFailed():
            return FAILURE_STATUSES.get(terminal.code, 502)
        case e.RunStopped():
            return STOP_STATUSES[terminal.by]
        case e.RunInterrupted():
            return 502
        case _:
            assert_never(terminal)


def _describe_ending(terminal: e.Terminal) -> dict[str, Any]:
    status = status_of(terminal)
    match terminal:
        case e.RunFinished():
            return {"finish_reason": FINISH_REASONS[terminal.finish_reason], "status": "finished"}
        case e.RunFailed():
            hints = without_none(retryable=terminal.retryable, retry_after_s=terminal.retry_after_s)
            return {**_problem(status, "failed", terminal.code, terminal.message), **hints}
        case e.RunStopped():
            return {**_problem(status, "stopped", *STOPS[terminal.by]), "stopped_by": terminal.by}
        case e.RunInterrupted():
            return _problem(status, "interrupted", *INTERRUPTIONS[terminal.cause])
        case _:
            assert_never(terminal)


def _problem(status: int, run_status: str, code: str, detail: str) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": f"The answer is not complete: {run_status}.",
        "status": status,
        "detail": detail,
        "code": code,
        "run_status": run_status,
        "finish_reason": None,
    }


def _describe_message(parts: tuple[m.Part, ...]) -> dict[str, Any]:
    calls = [part for part in parts if isinstance(part, m.ToolPart)]
    lists = {
        "tool_calls": [_describe_call(call) for call in calls],
        "tool_results": [_describe_result(call) for call in calls if call.state in {"done", "failed"}],
        "sources": [describe_source(part) for part in parts if isinstance(part, m.SourcePart)],
        "data": [
            {"name": part.name, "value": part.value, **without_none(id=part.data_id)}
            for part in parts
            if isinstance(part, m.DataPart)
        ],
    }
    return {
        "role": "assistant",
        "content": _join(parts, m.TextPart) or "",
        **without_none(reasoning=_join(parts, m.ReasoningPart), refusal=_join(parts, m.RefusalPart)),
        **{name: items for name, items in lists.items() if items},
    }


def _join(parts: tuple[m.Part, ...], kind: type[m.TextPart | m.ReasoningPart | m.RefusalPart]) -> str | None:
    return "".join(part.text for part in parts if isinstance(part, kind)) or None


def _describe_call(call: m.ToolPart) -> dict[str, Any]:
    arguments = call.arguments or msgspec.json.encode(call.input).decode()
    function = {"name": call.name, "arguments": arguments}
    error = {"error": call.error_text} if call.state == "invalid" else {}
    return {"id": call.tool_call_id, "type": "function", "function": function, **error}


def _describe_result(call: m.ToolPart) -> dict[str, Any]:
    outcome = {"output": call.output} if call.error_text is None else {"error": call.error_text}
    return {"tool_call_id": call.tool_call_id, **outcome}
