"""Events -> message. The same fold runs in the browser (``web/src/chat/fold.ts``); ``spec/fold`` holds both to one.

Folding a prefix of a log gives the message as a reader of that prefix has it. A `Folder` keeps text as fragments, so
that folding a long answer costs its length once. The order of the events is not checked here (see ``core/order.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar, assert_never

import msgspec

from penstock.core import events as e
from penstock.core import messages as m

_Key = str | tuple[str, str]
"""What addresses a part: its id in the log, or the name and id of a value."""


class _Grown:
    """A part while it grows: what it is, and its text as fragments."""

    __slots__ = ("fragments", "part")

    def __init__(self, part: m.Part, fragments: list[str]) -> None:
        self.part = part
        self.fragments = fragments

    def freeze(self) -> m.Part:
        text = "".join(self.fragments)
        match self.part:
            case m.TextPart() | m.ReasoningPart() | m.RefusalPart():
                return msgspec.structs.replace(self.part, text=text)
            case m.ToolPart():
                return msgspec.structs.replace(self.part, arguments=text)
            case m.SourcePart() | m.DataPart() | m.ImagePart() | m.AttachmentPart():
                return self.part
            case _:
                assert_never(self.part)


class _Content:
    """What a step can make void: the parts, where the addressable ones are, and the filters' verdicts."""

    __slots__ = ("filters", "parts", "places")

    def __init__(self, parts: list[_Grown], places: dict[_Key, int], filters: list[e.ContentFilter]) -> None:
        self.parts = parts
        self.places = places
        self.filters = filters

    def copy(self) -> _Content:
        """Copy for later: a grown part is replaced and never changed, but for the text of open ones."""
        return _Content(self.parts.copy(), self.places.copy(), self.filters.copy())


class Folder:
    """Folds events one by one; `message` gives the message so far. It trusts the order (see ``core/order.py``)."""

    def __init__(self) -> None:
        """Start with the empty message."""
        self._head = m.FoldedMessage()
        self._content = _Content([], {}, [])
        self._before_step = self._content
        self._progress: dict[str, e.Progress] = {}

    def __repr__(self) -> str:
        """Show the status and how many parts there are."""
        return f"Folder(status={self._head.status!r}, parts={len(self._content.parts)})"

    def feed(self, event: e.Event) -> None:
        """Take one event."""
        self._HANDLERS[type(event)](self, event)

    @property
    def message(self) -> m.FoldedMessage:
        """The message as of the last event fed."""
        return msgspec.structs.replace(
            self._head,
            parts=tuple(part.freeze() for part in self._content.parts),
            progress=tuple(self._progress.values()),
            filters=tuple(self._content.filters),
        )

    def _change(self, **fields: object) -> None:
        self._head = msgspec.structs.replace(self._head, **fields)

    def _add(self, key: _Key | None, part: m.Part) -> None:
        if key is not None:
            self._content.places[key] = len(self._content.parts)
        self._content.parts.append(_Grown(part, []))

    def _grow(self, key: str, fragment: str) -> None:
        self._content.parts[self._content.places[key]].fragments.append(fragment)

    def _replace(self, key: str, **fields: object) -> None:
        place = self._content.places[key]
        grown = self._content.parts[place]
        self._content.parts[place] = _Grown(msgspec.structs.replace(grown.part, **fields), grown.fragments)

    def _on_run_started(self, event: e.RunStarted) -> None:
        self._change(
            run_id=event.run_id,
            message_id=event.message_id,
            model=event.model,
            provider=event.provider,
            status="running",
        )

    def _on_step_started(self, event: e.StepStarted) -> None:
        self._before_step = self._content.copy()
        self._change(finish_reason=None, model=event.model or self._head.model)

    def _on_step_finished(self, event: e.StepFinished) -> None:
        self._change(finish_reason=event.finish_reason)

    def _on_step_reset(self, event: e.StepReset) -> None:
        del event
        self._content = self._before_step

    def _on_text_started(self, event: e.TextStarted) -> None:
        self._add(event.part_id, m.TextPart(part_id=event.part_id, text=""))

    def _on_reasoning_started(self, event: e.ReasoningStarted) -> None:
        self._add(event.part_id, m.ReasoningPart(part_id=event.part_id, text="", kind=event.kind))

    def _on_refusal_started(self, event: e.RefusalStarted) -> None:
        self._add(event.part_id, m.RefusalPart(part_id=event.part_id, text=""))

    def _on_delta(self, event: e.TextDelta | e.ReasoningDelta | e.RefusalDelta) -> None:
        self._grow(event.part_id, event.text)

    def _on_ended(self, event: e.TextEnded | e.RefusalEnded) -> None:
        """Nothing in the message tells an ended part from an open one."""

    def _on_reasoning_ended(self, event: e.ReasoningEnded) -> None:
        if event.signature is not None:
            self._replace(event.part_id, signature=event.signature)

    def _on_tool_call_started(self, event: e.ToolCallStarted) -> None:
        part = m.ToolPart(tool_call_id=event.tool_call_id, name=event.name)
        self._add(event.tool_call_id, part)

    def _on_tool_call_delta(self, event: e.ToolCallDelta) -> None:
        self._grow(event.tool_call_id, event.arguments)

    def _on_tool_call_ready(self, event: e.ToolCallReady) -> None:
        self._replace(event.tool_call_id, name=event.name, state="ready", input=event.input)

    def _on_tool_call_invalid(self, event: e.ToolCallInvalid) -> None:
        self._content.parts[self._content.places[event.tool_call_id]].fragments[:] = [event.arguments]
        self._replace(event.tool_call_id, name=event.name, state="invalid", error_text=event.error_text)

    def _on_tool_result(self, event: e.ToolResult) -> None:
        if event.tool_call_id not in self._content.places:
            return
        state = "done" if event.error_text is None else "failed"
        self._replace(event.tool_call_id, state=state, output=event.output, error_text=event.error_text)

    def _on_source(self, event: e.Source) -> None:
        self._add(
            None,
            m.SourcePart(
                source_id=event.source_id,
                kind=event.kind,
                url=event.url,
                title=event.title,
                media_type=event.media_type,
                start=event.start,
                end=event.end,
            ),
        )

    def _on_progress(self, event: e.Progress) -> None:
        self._progress[event.stage] = event

    def _on_data(self, event: e.Data) -> None:
        if event.transient:
            return
        part = m.DataPart(name=event.name, value=event.value, data_id=event.data_id)
        key = None if event.data_id is None else (event.name, event.data_id)
        if key in self._content.places:
            self._content.parts[self._content.places[key]] = _Grown(part, [])
        else:
            self._add(key, part)

    def _on_content_filter(self, event: e.ContentFilter) -> None:
        if event.blocked or event.verdicts:
            self._content.filters.append(event)

    def _on_usage(self, event: e.Usage) -> None:
        usage = m.TokenUsage(
            input=event.input,
            output=event.output,
            total=event.total,
            cached=event.cached,
            cache_write=event.cache_write,
            reasoning=event.reasoning,
            source=event.source,
        )
        self._change(usage=usage, cost=event.cost)

    def _on_run_finished(self, event: e.RunFinished) -> None:
        self._change(status="finished", finish_reason=event.finish_reason, timings=event.timings)

    def _on_run_failed(self, event: e.RunFailed) -> None:
        failure = m.Failure(
            code=event.code, message=event.message, retryable=event.retryable, retry_after_s=event.retry_after_s
        )
        self._change(status="failed", failure=failure, timings=event.timings)

    def _on_run_stopped(self, event: e.RunStopped) -> None:
        self._change(status="stopped", detail=event.by, timings=event.timings)

    def _on_run_interrupted(self, event: e.RunInterrupted) -> None:
        self._change(status="interrupted", detail=event.cause, timings=event.timings)

    _HANDLERS: ClassVar[dict[type[e.Event], Callable[..., None]]] = {
        e.RunStarted: _on_run_started,
        e.StepStarted: _on_step_started,
        e.StepFinished: _on_step_finished,
        e.StepReset: _on_step_reset,
        e.TextStarted: _on_text_started,
        e.TextDelta: _on_delta,
        e.TextEnded: _on_ended,
        e.ReasoningStarted: _on_reasoning_started,
        e.ReasoningDelta: _on_delta,
        e.ReasoningEnded: _on_reasoning_ended,
        e.RefusalStarted: _on_refusal_started,
        e.RefusalDelta: _on_delta,
        e.RefusalEnded: _on_ended,
        e.ToolCallStarted: _on_tool_call_started,
        e.ToolCallDelta: _on_tool_call_delta,
        e.ToolCallReady: _on_tool_call_ready,
        e.ToolCallInvalid: _on_tool_call_invalid,
        e.ToolResult: _on_tool_result,
        e.Source: _on_source,
        e.Progress: _on_progress,
        e.Data: _on_data,
        e.ContentFilter: _on_content_filter,
        e.Usage: _on_usage,
        e.RunFinished: _on_run_finished,
        e.RunFailed: _on_run_failed,
        e.RunStopped: _on_run_stopped,
        e.RunInterrupted: _on_run_interrupted,
    }
    """One handler per event; a test holds this table to the union, so that a new event can't be forgotten."""


def fold(events: Iterable[e.Event]) -> m.FoldedMessage:
    """Fold a log, or a prefix of one, into the message it means."""
    folder = Folder()
    for event in events:
        folder.feed(event)
    return folder.message
