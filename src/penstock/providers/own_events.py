"""What a program's own code yields -> events in legal order: text gets its parts and steps.

Text that is yielded outside any step is a step of its own; a whole answer of a model, with its `RunStarted` and its
terminal, may be passed on as it comes. Ids are made unique in the run, indexes are counted anew, usage is added up.
"""

from __future__ import annotations

from typing import Final

import msgspec

from penstock.core import events as e
from penstock.core.errors import ProtocolError, ProviderError, UpstreamEndedError
from penstock.core.messages import TokenUsage
from penstock.core.order import CONTINUES, ENDS, STARTS, Order
from penstock.core.spending import add_usage
from penstock.providers.foreign_json import SurrogateJoiner

CODE: Final = "pipeline_error"

_PARTS: Final = STARTS.keys() | CONTINUES.keys() | ENDS.keys()
_TOKENS: Final = ("input", "output", "total", "cached", "cache_write", "reasoning")
_UNENCODABLE: Final = (msgspec.MsgspecError, TypeError, ValueError, OverflowError, RecursionError)


class OwnEvents:
    """The order of one run that a program's own code makes. Raises `ProviderError` for what may not be yielded."""

    def __init__(self) -> None:
        """Start before the first item."""
        self._order = Order()
        self._order.accept(e.RunStarted(run_id="", message_id="", model="", provider=""))
        self._joiner = SurrogateJoiner()
        self._steps = 0
        self._text_id: str | None = None
        """The part that text is written to."""
        self._used_ids: set[str] = set()
        self._ids: dict[str, str] = {}
        """What the program calls a part -> its id in the run."""
        self._usage_before: TokenUsage | None = None
        self._usage: TokenUsage | None = None

    def __repr__(self) -> str:
        """Show the order."""
        return f"OwnEvents({self._order!r})"

    def take(self, item: object) -> list[e.Event]:
        """Give the events that a yielded item means."""
        if isinstance(item, str):
            return self._accept(self._write(item))
        if isinstance(item, e.Event):
            return self._accept(self._pass_on(_checked(item)))
        message = f"The program yielded {_article(type(item).__name__)}; it may yield text and events."
        raise ProviderError(message, code=CODE)

    def end(self) -> list[e.Event]:
        """Give what ends an answer whose program came to its own end: that is its proof."""
        events: list[e.Event] = []
        if self._order.phase == "open":
            events.append(self._step_started(e.StepStarted(index=0)))
        events += self._end_text()
        accepted = self._accept(events)
        if self._order.phase == "step":
            accepted += self._accept([*self._order.ends(), e.StepFinished(index=self._steps - 1, finish_reason="stop")])
        return accepted

    def _write(self, text: str) -> list[e.Event]:
        whole = self._joiner.feed(text)
        if not whole:
            return []
        events = self._step_for_parts()
        if self._text_id is None:
            self._text_id = self._fresh_id("own-text")
            events.append(e.TextStarted(part_id=self._text_id))
        return [*events, e.TextDelta(part_id=self._text_id, text=whole)]

    def _pass_on(self, event: e.Event) -> list[e.Event]:
        match event:
            case e.RunStarted() | e.RunFinished() | e.RunFailed() | e.RunStopped() | e.RunInterrupted():
                self._pass_border(event)
                return []
            case e.StepStarted() | e.StepFinished() | e.StepReset():
                return self._pass_step(event)
            case e.Usage():
                return [self._add_up(event)]
            case e.ToolResult():
                return [self._renamed(event)]
            case _ if type(event) in _PARTS:
                return [*self._step_for_parts(), *self._end_text(), self._renamed(event)]
            case _:
                return [event]

    def _pass_border(self, event: e.RunStarted | e.Terminal) -> None:
        """Pass where an answer of a model begins and ends; what was not whole there is not whole here."""
        match event:
            case e.RunStarted():
                self._usage_before = add_usage(self._usage_before, self._usage)
                self._usage = None
            case e.RunFailed():
                raise ProviderError(
                    event.message, code=event.code, is_retryable=event.retryable, retry_after_s=event.retry_after_s
                )
            case e.RunInterrupted():
                message = "An answer that this one stands on was interrupted."
                raise UpstreamEndedError(message)
            case e.RunFinished() | e.RunStopped():
                pass

    def _pass_step(self, event: e.StepStarted | e.StepFinished | e.StepReset) -> list[e.Event]:
        before = self._end_text()
        if not isinstance(event, e.StepStarted):
            return [*before, msgspec.structs.replace(event, index=max(0, self._steps - 1))]
        if self._order.phase == "step":
            before.append(e.StepFinished(index=self._steps - 1, finish_reason="stop"))
        return [*before, self._step_started(event)]

    def _step_for_parts(self) -> list[e.Event]:
        return [] if self._order.phase == "step" else [self._step_started(e.StepStarted(index=0))]

    def _step_started(self, event: e.StepStarted) -> e.StepStarted:
        self._steps += 1
        return msgspec.structs.replace(event, index=self._steps - 1)

    def _end_text(self) -> list[e.Event]:
        if self._text_id is None:
            return []
        part_id, self._text_id = self._text_id, None
        held = self._joiner.close()
        last = [e.TextDelta(part_id=part_id, text=held)] if held else []
        return [*last, e.TextEnded(part_id=part_id)]

    def _renamed(self, event: e.Event) -> e.Event:
        field = "tool_call_id" if hasattr(event, "tool_call_id") else "part_id"
        own_id: str = getattr(event, field)
        if type(event) in STARTS:
            self._ids[own_id] = self._fresh_id(own_id)
        return msgspec.structs.replace(event, **{field: self._ids.get(own_id, own_id)})

    def _fresh_id(self, wanted: str) -> str:
        fresh, count = wanted, 1
        while fresh in self._used_ids:
            count += 1
            fresh = f"{wanted}-{count}"
        self._used_ids.add(fresh)
        return fresh

    def _add_up(self, usage: e.Usage) -> e.Usage:
        """Add what answers before this one took: usage is cumulative in a run. The engine prices the sum."""
        self._usage = TokenUsage(**{name: getattr(usage, name) for name in _TOKENS}, source=usage.source)
        total = add_usage(self._usage_before, self._usage) or self._usage
        known = {name: getattr(total, name) for name in _TOKENS}
        return msgspec.structs.replace(usage, **known, source=total.source, cost=None)

    def _accept(self, events: list[e.Event]) -> list[e.Event]:
        for event in events:
            try:
                self._order.accept(event)
            except ProtocolError as error:
                message = f"The program yielded events in an order that cannot be: {error.message}"
                raise ProviderError(message, code=CODE) from error
        return events


def _checked(event: e.Event) -> e.Event:
    """Give the event as its JSON reads back: a struct checks nothing when it is made."""
    try:
        return e.decode_event(e.encode_event(event))
    except _UNENCODABLE as error:
        message = f"The program yielded {_article(type(event).__name__)} that is not valid: {error}."
        raise ProviderError(message, code=CODE) from error


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
