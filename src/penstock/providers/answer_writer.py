"""What a model says -> parts in legal order: opens, continues and ends them, and joins consecutive deltas of one part.

Provider-neutral: every decoder in this room writes through it. The events of one socket read are taken with `take`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import msgspec
from msgspec import Struct

from penstock.core import events as e
from penstock.core.events import Json
from penstock.providers.foreign_json import SurrogateJoiner, scrub_text

Kind = Literal["text", "reasoning", "summary", "refusal"]
_STARTED: Final[dict[Kind, Callable[[str], e.Event]]] = {
    "text": lambda part_id: e.TextStarted(part_id=part_id),
    "reasoning": lambda part_id: e.ReasoningStarted(part_id=part_id),
    "summary": lambda part_id: e.ReasoningStarted(part_id=part_id, kind="summary"),
    "refusal": lambda part_id: e.RefusalStarted(part_id=part_id),
}
_DELTA: Final[dict[Kind, type[e.TextDelta | e.ReasoningDelta | e.RefusalDelta]]] = {
    "text": e.TextDelta,
    "reasoning": e.ReasoningDelta,
    "summary": e.ReasoningDelta,
    "refusal": e.RefusalDelta,
}
_ENDED: Final[dict[Kind, type[e.TextEnded | e.ReasoningEnded | e.RefusalEnded]]] = {
    "text": e.TextEnded,
    "reasoning": e.ReasoningEnded,
    "summary": e.ReasoningEnded,
    "refusal": e.RefusalEnded,
}
_INCOMPLETE: Final = "The arguments of the call are not valid JSON."


class _Call:
    """A tool call while its arguments come."""

    __slots__ = ("call_id", "fragments", "joiner", "name", "unsent")

    def __init__(self, call_id: str, name: str) -> None:
        self.call_id = call_id
        self.name = name
        self.fragments: list[str] = []
        self.unsent: list[str] = []
        self.joiner = SurrogateJoiner()


class SavedWriter(Struct, frozen=True, kw_only=True):
    """What of an `AnswerWriter` another instance needs."""

    open_kind: Kind | None
    part_id: str
    counts: dict[Kind, int]
    used_call_ids: tuple[str, ...]
    calls: dict[str, str]
    """Id -> name of those that are open."""


class AnswerWriter:
    """One part of prose (text, reasoning, refusal) is open at a time; tool calls stay open until `end_parts`."""

    def __init__(self) -> None:
        """Start with nothing open."""
        self._events: list[e.Event] = []
        self.open_kind: Kind | None = None
        """The kind of the open part of prose."""
        self._part_id = ""
        self._counts: dict[Kind, int] = dict.fromkeys(_STARTED, 0)
        self._unsent: list[str] = []
        self._unsent_extra: dict[str, Json] | None = None
        self._joiner = SurrogateJoiner()
        self._calls: dict[str, _Call] = {}
        self._used_call_ids: set[str] = set()
        self.has_content = False
        """Whether anything was written that a reader may have seen."""

    def __repr__(self) -> str:
        """Show what is open."""
        return f"AnswerWriter(part={self._part_id!r}, calls={list(self._calls)!r})"

    def save(self) -> SavedWriter:
        """Give what must be known to go on in the parts that are open; to be called with nothing untaken."""
        return SavedWriter(
            open_kind=self.open_kind,
            part_id=self._part_id,
            counts=dict(self._counts),
            used_call_ids=tuple(sorted(self._used_call_ids)),
            calls={call.call_id: call.name for call in self._calls.values()},
        )

    def restore(self, saved: SavedWriter) -> None:
        """Go on where another left off. Arguments of open calls that came before are not known any more."""
        self.open_kind = saved.open_kind
        self._part_id = saved.part_id
        self._counts |= saved.counts
        self._used_call_ids |= set(saved.used_call_ids)
        self._calls = {call_id: _Call(call_id, name) for call_id, name in saved.calls.items()}
        self.has_content = True

    def take(self) -> tuple[e.Event, ...]:
        """Give the events since the last call."""
        self._flush()
        taken = tuple(self._events)
        self._events.clear()
        return taken

    def emit(self, event: e.Event) -> None:
        """Add an event that belongs to no part, after what was written."""
        self._flush()
        self._events.append(event)

    def write(self, kind: Kind, text: str, extra: dict[str, Json] | None = None) -> None:
        """Continue the part of this kind, or end the open one and start a new one; empty text adds nothing."""
        if not text and extra is None:
            return
        if self.open_kind != kind:
            self.end_prose()
            self._start(kind)
        if extra != self._unsent_extra:
            self._flush()
            self._unsent_extra = extra
        whole = self._joiner.feed(text)
        if whole or extra is not None:
            self._unsent.append(whole)

    def write_valid(self, texts: list[str]) -> None:
        """Continue the open part by pieces known to be valid Unicode; the fast way of `write`."""
        if self._unsent_extra is not None:
            self._flush()
        if self._joiner.is_holding:
            self._unsent.append(self._joiner.close())
        self._unsent += texts

    def start_call(self, call_id: str, name: str) -> str:
        """Open a tool call; gives the id it has from now on, which differs when the service used this one before."""
        self.end_prose()
        self._flush_calls()
        unique = call_id = scrub_text(call_id)
        repeat = 1
        while unique in self._used_call_ids:
            repeat += 1
            unique = f"{call_id}-{repeat}"
        self._used_call_ids.add(unique)
        self._calls[unique] = _Call(unique, scrub_text(name))
        self._events.append(e.ToolCallStarted(tool_call_id=unique, name=self._calls[unique].name))
        self.has_content = True
        return unique

    def write_arguments(self, call_id: str, arguments: str) -> None:
        """Continue the raw arguments of an open call."""
        call = self._calls[call_id]
        whole = call.joiner.feed(arguments)
        if whole:
            call.fragments.append(whole)
            call.unsent.append(whole)

    def end_call(self, call_id: str, arguments: str | None = None) -> None:
        """End one call; ``arguments`` are all of them again, from services that say so at the end."""
        self._flush()
        call = self._calls.pop(call_id)
        if arguments is not None:
            call.fragments = [scrub_text(arguments)]
        self._events.append(_end_call(call))

    def end_parts(self) -> None:
        """End all that is open; a call's arguments are parsed now."""
        self.end_prose()
        self._flush()
        for call in self._calls.values():
            self._events.append(_end_call(call))
        self._calls.clear()

    def _start(self, kind: Kind) -> None:
        self._part_id = f"{kind}-{self._counts[kind]}"
        self._counts[kind] += 1
        self.open_kind = kind
        self._flush_calls()
        self._events.append(_STARTED[kind](self._part_id))
        self.has_content = True

    def end_prose(self) -> None:
        """End the open part of prose, if there is one."""
        if self.open_kind is None:
            return
        held = self._joiner.close()
        if held:
            self._unsent.append(held)
        self._flush()
        self._events.append(_ENDED[self.open_kind](part_id=self._part_id))
        self.open_kind = None

    def _flush(self) -> None:
        if self._unsent and self.open_kind is not None:
            text = "".join(self._unsent)
            self._unsent.clear()
            self._events.append(_DELTA[self.open_kind](part_id=self._part_id, text=text, extra=self._unsent_extra))
        self._unsent_extra = None
        if self._calls:
            self._flush_calls()

    def _flush_calls(self) -> None:
        for call in self._calls.values():
            if call.unsent:
                arguments = "".join(call.unsent)
                call.unsent.clear()
                self._events.append(e.ToolCallDelta(tool_call_id=call.call_id, arguments=arguments))


def _end_call(call: _Call) -> e.Event:
    arguments = "".join(call.fragments) + call.joiner.close()
    try:
        value: Json = msgspec.json.decode(arguments) if arguments.strip() else {}
    except (msgspec.MsgspecError, RecursionError):
        return e.ToolCallInvalid(tool_call_id=call.call_id, name=call.name, arguments=arguments, error_text=_INCOMPLETE)
    return e.ToolCallReady(tool_call_id=call.call_id, name=call.name, input=value)
