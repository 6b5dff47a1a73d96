"""Which event may follow which. This file is the only place that says so, and it says so with tables.

A run is ``new`` until `RunStarted`, then ``open``; inside a call of the model service it is in a ``step``; a finished
step makes it ``proven``, and only then it may finish; a terminal makes it ``ended``. Parts (text, reasoning, refusal,
tool call) are started before their deltas, live only inside their step, and are all ended before the step ends, is
reset, or the run ends. A part's id is used once in a run.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Final, Literal, assert_never

from penstock.core import events as e
from penstock.core.errors import ProtocolError

Phase = Literal["new", "open", "step", "proven", "ended"]
Kind = Literal["text", "reasoning", "refusal", "tool-call"]

_IN_STEP: Final[dict[Phase, Phase]] = {"step": "step"}
_ANYWHERE: Final[dict[Phase, Phase]] = {"open": "open", "step": "step", "proven": "proven"}
_END: Final[dict[Phase, Phase]] = {"open": "ended", "step": "ended", "proven": "ended"}

PHASES: Final[dict[type[e.Event], dict[Phase, Phase]]] = {
    e.RunStarted: {"new": "open"},
    e.StepStarted: {"open": "step", "proven": "step"},
    e.StepFinished: {"step": "proven"},
    e.StepReset: {"step": "open"},
    e.TextStarted: _IN_STEP,
    e.TextDelta: _IN_STEP,
    e.TextEnded: _IN_STEP,
    e.ReasoningStarted: _IN_STEP,
    e.ReasoningDelta: _IN_STEP,
    e.ReasoningEnded: _IN_STEP,
    e.RefusalStarted: _IN_STEP,
    e.RefusalDelta: _IN_STEP,
    e.RefusalEnded: _IN_STEP,
    e.ToolCallStarted: _IN_STEP,
    e.ToolCallDelta: _IN_STEP,
    e.ToolCallReady: _IN_STEP,
    e.ToolCallInvalid: _IN_STEP,
    e.ToolResult: _ANYWHERE,
    e.Source: _ANYWHERE,
    e.Progress: _ANYWHERE,
    e.Data: _ANYWHERE,
    e.ContentFilter: _ANYWHERE,
    e.Usage: _ANYWHERE,
    e.RunFinished: {"proven": "ended"},
    e.RunFailed: _END,
    e.RunStopped: _END,
    e.RunInterrupted: _END,
}
"""Event type -> phase it may come in -> phase after it."""

STARTS: Final[dict[type[e.Event], Kind]] = {
    e.TextStarted: "text",
    e.ReasoningStarted: "reasoning",
    e.RefusalStarted: "refusal",
    e.ToolCallStarted: "tool-call",
}
CONTINUES: Final[dict[type[e.Event], Kind]] = {
    e.TextDelta: "text",
    e.ReasoningDelta: "reasoning",
    e.RefusalDelta: "refusal",
    e.ToolCallDelta: "tool-call",
}
ENDS: Final[dict[type[e.Event], Kind]] = {
    e.TextEnded: "text",
    e.ReasoningEnded: "reasoning",
    e.RefusalEnded: "refusal",
    e.ToolCallReady: "tool-call",
    e.ToolCallInvalid: "tool-call",
}
CLOSES_PARTS: Final[frozenset[type[e.Event]]] = frozenset(
    {e.StepFinished, e.StepReset, e.RunFinished, e.RunFailed, e.RunStopped, e.RunInterrupted}
)
"""Before these no part may be open."""

UNFINISHED_CALL: Final = "The answer ended before the call was complete."

_PART_ID: Final[dict[type[e.Event], Callable[[e.Event], str]]] = {
    event: attrgetter("tool_call_id" if kind == "tool-call" else "part_id")
    for event, kind in (STARTS | CONTINUES | ENDS).items()
}
"""How to read the id of an event's part: made once from the tables, because `accept` runs for every delta."""


class _OpenCall:
    """A tool call before its end: what `Order.ends` says of it when it stays incomplete."""

    __slots__ = ("fragments", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.fragments: list[str] = []


class Order:
    """The order of one run so far: `accept` each event in turn; `ends` gives what must come before a terminal."""

    def __init__(self) -> None:
        """Start before `RunStarted`."""
        self.phase: Phase = "new"
        self._open: dict[str, Kind] = {}
        self._used: set[str] = set()
        self._calls: dict[str, _OpenCall] = {}

    def __repr__(self) -> str:
        """Show the phase and the open parts."""
        return f"Order(phase={self.phase!r}, open={list(self._open)!r})"

    def accept(self, event: e.Event) -> None:
        """Move on by one event; raises `ProtocolError`, and stays as it was, when the event may not come now."""
        event_type = type(event)
        following = PHASES[event_type].get(self.phase)
        if following is None:
            message = f"{event_type.__name__} may not come while the run is {self.phase!r}."
            raise ProtocolError(message)
        if event_type in CONTINUES:
            self._continue(event, CONTINUES[event_type])
        elif event_type in STARTS:
            self._start(event, STARTS[event_type])
        elif event_type in ENDS:
            self._end(event, ENDS[event_type])
        elif event_type in CLOSES_PARTS and self._open:
            message = f"{event_type.__name__} may not come while {', '.join(self._open)} is open."
            raise ProtocolError(message)
        self.phase = following

    def ends(self) -> tuple[e.Event, ...]:
        """Give the events that end every open part, oldest first: what must be logged before a terminal."""
        return tuple(self._make_end(part_id, kind) for part_id, kind in self._open.items())

    def _start(self, event: e.Event, kind: Kind) -> None:
        part_id = _PART_ID[type(event)](event)
        if part_id in self._used:
            message = f"{type(event).__name__} names {part_id!r} again; ids are used once in a run."
            raise ProtocolError(message)
        self._used.add(part_id)
        self._open[part_id] = kind
        if isinstance(event, e.ToolCallStarted):
            self._calls[part_id] = _OpenCall(event.name)

    def _continue(self, event: e.Event, kind: Kind) -> None:
        self._require_open(event, kind)
        if isinstance(event, e.ToolCallDelta):
            self._calls[event.tool_call_id].fragments.append(event.arguments)

    def _end(self, event: e.Event, kind: Kind) -> None:
        part_id = self._require_open(event, kind)
        del self._open[part_id]
        self._calls.pop(part_id, None)

    def _require_open(self, event: e.Event, kind: Kind) -> str:
        part_id = _PART_ID[type(event)](event)
        if self._open.get(part_id) != kind:
            message = f"{type(event).__name__} may not come: no {kind} part {part_id!r} is open."
            raise ProtocolError(message)
        return part_id

    def _make_end(self, part_id: str, kind: Kind) -> e.Event:
        match kind:
            case "text":
                return e.TextEnded(part_id=part_id)
            case "reasoning":
                return e.ReasoningEnded(part_id=part_id)
            case "refusal":
                return e.RefusalEnded(part_id=part_id)
            case "tool-call":
                call = self._calls[part_id]
                return e.ToolCallInvalid(
                    tool_call_id=part_id,
                    name=call.name,
                    arguments="".join(call.fragments),
                    error_text=UNFINISHED_CALL,
                )
            case _:
                assert_never(kind)
