"""Events -> the events of OpenAI's Responses API, before they are framed: items around one response object.

Every event has its ``sequence_number``, without a gap. An item opens with its first word, and closes once it is known
whether its answer broke off, so that no part of a broken answer is called complete. ``response.context`` is not of
OpenAI but of Azure's samples, whose pages read what was found from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final, assert_never

import msgspec

from penstock.core import events as e
from penstock.core.events import Json
from penstock.wire.account import Account
from penstock.wire.dialect import StreamContext
from penstock.wire.json_text import parse_json
from penstock.wire.outcome import INTERRUPTIONS, STOPS, count_total, describe_filter, is_notable, without_none
from penstock.wire.responses_items import Item, ItemKind, ItemStatus, Told
from penstock.wire.session import Findings
from penstock.wire.writer_table import make_table

CONTEXT: Final = "context"
"""The parameter that says that the request had a ``context``: its page wants one from the first line on."""

ASKED: Final[dict[str, Json]] = {"parallel_tool_calls": True, "tool_choice": "auto", "tools": []}
"""What a response object says again of its request, and what it is where the request said nothing; parameters too."""

Written = tuple[str, bytes]
"""An event's type and its JSON."""

_encode = msgspec.json.Encoder().encode

_INCOMPLETE: Final[dict[e.FinishReason, str]] = {"length": "max_output_tokens", "content-filter": "content_filter"}
"""Reasons for which a response that finished is incomplete."""

_ERROR_CODES: Final[dict[str, str]] = {
    "rate_limited": "rate_limit_exceeded",
    "content_filter": "invalid_prompt",
    "context_length": "invalid_prompt",
    "invalid_request": "invalid_prompt",
}
"""Our code -> one of OpenAI's closed list; every other is its ``server_error``. The metadata has our own word."""


class Writer:
    """Writes one run."""

    def __init__(self, context: StreamContext) -> None:
        """Start before the first event."""
        self._context = context
        self._account = Account(context)
        self._findings = Findings()
        self._has_news = context.parameters.get(CONTEXT) == "1"
        self._asked = {
            name: parse_json(context.parameters[name]) if name in context.parameters else unsaid
            for name, unsaid in ASKED.items()
        }
        self._number = 0
        self._output: list[Item] = []
        self._growing: dict[str, Item] = {}
        """By the id of the part, from its first word on."""
        self._kinds: dict[str, ItemKind] = {}
        self._ended: list[Item] = []
        self._last_text: Item | None = None
        self._waiting: list[Json] = []
        """Annotations for which there is no text yet."""
        self._filters: list[Json] = []
        self.ending: tuple[e.Terminal, dict[str, Any]] | None = None
        """Once it came, the terminal as this reader must see it, and the response object that says so."""

    def __repr__(self) -> str:
        """Show how far it is."""
        return f"Writer(number={self._number}, items={len(self._output)})"

    def write(self, event: e.Event) -> Sequence[Written]:
        """Give the events for one of ours."""
        return self._HANDLERS[type(event)](self, event)

    def describe_context(self) -> dict[str, Any]:
        """Give what was found."""
        return self._findings.describe_by_id()

    def _describe(self, status: str, **fields: Json) -> dict[str, Any]:
        about = without_none(
            run_id=self._context.run_id,
            message_id=self._context.message_id,
            conversation_id=self._context.conversation_id,
        )
        filters = {"content_filters": self._filters} if self._filters else {}
        return {
            "id": f"resp_{self._context.run_id}",
            "object": "response",
            "created_at": int(self._context.created_at),
            "status": status,
            "error": None,
            "incomplete_details": None,
            "model": self._account.model,
            "output": [item.describe() for item in self._output],
            "usage": None if self._account.usage is None else _describe_usage(self._account.usage),
            "metadata": about,
            **self._asked,
            **filters,
            **fields,
        }

    def _on_run_started(self, event: e.RunStarted) -> list[Written]:
        del event
        response = self._describe("in_progress")
        told: list[Told] = [
            ("response.created", {"response": response}),
            ("response.in_progress", {"response": response}),
        ]
        return self._number_all(told) + self._tell_news()

    def _on_step_started(self, event: e.StepStarted) -> list[Written]:
        self._account.start_step(event)
        self._findings.start_step()
        return []

    def _on_step_finished(self, event: e.StepFinished) -> list[Written]:
        del event
        return self._close_ended("completed")

    def _on_step_reset(self, event: e.StepReset) -> list[Written]:
        del event
        self._account.reset_step()
        self._has_news = self._findings.reset_step() or self._has_news
        self._waiting.clear()
        return self._close_ended("incomplete")

    def _on_started(self, event: e.TextStarted | e.RefusalStarted | e.ReasoningStarted) -> list[Written]:
        match event:
            case e.TextStarted():
                self._kinds[event.part_id] = "text"
            case e.RefusalStarted():
                self._kinds[event.part_id] = "refusal"
            case e.ReasoningStarted():
                self._kinds[event.part_id] = "summary" if event.kind == "summary" else "reasoning"
            case _:
                assert_never(event)
        return self._close_ended("completed")

    def _on_delta(self, event: e.TextDelta | e.RefusalDelta | e.ReasoningDelta) -> list[Written]:
        item = self._growing.get(event.part_id)
        if item is not None and not self._has_news:
            return [self._grow(item, event.text)] if event.text else []
        if not event.text:
            return []
        written = self._tell_news()
        if item is None:
            item = self._open(event.part_id, self._kinds[event.part_id])
            written += self._number_all(item.open())
        written.append(self._grow(item, event.text))
        if item.kind == "text":
            self._last_text = item
            written += self._number_all([item.annotate(annotation) for annotation in self._waiting])
            self._waiting.clear()
        return written

    def _on_ended(self, event: e.TextEnded | e.RefusalEnded) -> list[Written]:
        item = self._growing.pop(event.part_id, None)
        if item is not None:
            self._ended.append(item)
        return []

    def _on_reasoning_ended(self, event: e.ReasoningEnded) -> list[Written]:
        item = self._growing.pop(event.part_id, None)
        written: list[Written] = []
        if item is None and event.signature is not None:
            item = self._open(event.part_id, "redacted")
            written = self._number_all(item.open())
            del self._growing[event.part_id]
        if item is not None:
            item.signature = event.signature
            self._ended.append(item)
        return written

    def _on_tool_call_started(self, event: e.ToolCallStarted) -> list[Written]:
        written = self._close_ended("completed")
        item = self._open(event.tool_call_id, "call", call=(event.tool_call_id, event.name))
        return written + self._number_all(item.open())

    def _on_tool_call_delta(self, event: e.ToolCallDelta) -> list[Written]:
        return [self._grow(self._growing[event.tool_call_id], event.arguments)] if event.arguments else []

    def _on_tool_call_ended(self, event: e.ToolCallReady | e.ToolCallInvalid) -> list[Written]:
        item = self._growing.pop(event.tool_call_id)
        item.name = event.name
        if isinstance(event, e.ToolCallInvalid):
            item.fragments[:] = [event.arguments]
            return self._number_all(item.close("incomplete"))
        written = [] if item.fragments else [self._grow(item, _encode(event.input).decode())]
        return written + self._number_all(item.close("completed"))

    def _on_source(self, event: e.Source) -> list[Written]:
        self._has_news = self._findings.feed(event)
        if event.url is None:
            return []
        place = without_none(title=event.title, start_index=event.start, end_index=event.end)
        annotation = {"type": "url_citation", "url": event.url, **place}
        if self._last_text is None:
            self._waiting.append(annotation)
            return []
        return self._number_all([self._last_text.annotate(annotation)])

    def _on_progress(self, event: e.Progress) -> list[Written]:
        """Tell at once: a stage is of interest while it lasts."""
        self._has_news = self._findings.feed(event)
        return self._tell_news()

    def _on_data(self, event: e.Data) -> list[Written]:
        self._has_news = self._findings.feed(event) or self._has_news
        return []

    def _on_content_filter(self, event: e.ContentFilter) -> list[Written]:
        if is_notable(event):
            self._filters.append(describe_filter(event))
        return []

    def _on_usage(self, event: e.Usage) -> list[Written]:
        self._account.usage = event
        return []

    def _on_terminal(self, event: e.Terminal) -> list[Written]:
        terminal = self._account.judge(event)
        written = self._tell_news() + self._close_ended(
            "completed" if isinstance(event, e.RunFinished) else "incomplete"
        )
        kind, response = self._end(terminal)
        self.ending = terminal, response
        return written + self._number_all([(kind, {"response": response})])

    def _end(self, terminal: e.Terminal) -> tuple[str, dict[str, Any]]:
        match terminal:
            case e.RunFinished():
                reason = _INCOMPLETE.get(terminal.finish_reason)
                if reason is None:
                    return "response.completed", self._describe("completed")
                return "response.incomplete", self._describe("incomplete", incomplete_details={"reason": reason})
            case e.RunStopped() if terminal.by == "user":
                return "response.incomplete", self._describe("cancelled")
            case e.RunStopped():
                code, sentence = STOPS[terminal.by]
            case e.RunFailed():
                code, sentence = terminal.code, terminal.message
            case e.RunInterrupted():
                code, sentence = INTERRUPTIONS[terminal.cause]
            case _:
                assert_never(terminal)
        response = self._describe("failed", error={"code": _ERROR_CODES.get(code, "server_error"), "message": sentence})
        response["metadata"]["code"] = code
        return "response.failed", response

    def _open(self, key: str, kind: ItemKind, *, call: tuple[str, str] = ("", "")) -> Item:
        # A signature alone is nothing that a reader saw: a step with no more than that may be begun again.
        self._account.has_words = self._account.has_words or kind != "redacted"
        item = self._growing[key] = Item(kind, len(self._output), run_id=self._context.run_id, call=call)
        self._output.append(item)
        return item

    def _grow(self, item: Item, fragment: str) -> Written:
        self._number += 1
        return item.delta(self._number - 1, fragment)

    def _close_ended(self, status: ItemStatus) -> list[Written]:
        told = [entry for item in self._ended for entry in item.close(status)]
        self._ended.clear()
        return self._number_all(told)

    def _tell_news(self) -> list[Written]:
        if not self._has_news:
            return []
        self._has_news = False
        return self._number_all([("response.context", {"delta": None, "context": self.describe_context()})])

    def _number_all(self, told: list[Told]) -> list[Written]:
        written = [
            (kind, _encode({"type": kind, "sequence_number": number, **fields}))
            for number, (kind, fields) in enumerate(told, self._number)
        ]
        self._number += len(told)
        return written

    _HANDLERS: ClassVar = make_table(
        {
            e.RunStarted: _on_run_started,
            e.StepStarted: _on_step_started,
            e.StepFinished: _on_step_finished,
            e.StepReset: _on_step_reset,
            e.TextStarted | e.ReasoningStarted | e.RefusalStarted: _on_started,
            e.TextDelta | e.ReasoningDelta | e.RefusalDelta: _on_delta,
            e.TextEnded | e.RefusalEnded: _on_ended,
            e.ReasoningEnded: _on_reasoning_ended,
            e.ToolCallStarted: _on_tool_call_started,
            e.ToolCallDelta: _on_tool_call_delta,
            e.ToolCallReady | e.ToolCallInvalid: _on_tool_call_ended,
            e.Source: _on_source,
            e.Progress: _on_progress,
            e.Data: _on_data,
            e.ContentFilter: _on_content_filter,
            e.Usage: _on_usage,
            e.Terminal: _on_terminal,
        },
        silent=(e.ToolResult,),
        nothing=(),
    )


def _describe_usage(usage: e.Usage) -> dict[str, Json]:
    return without_none(
        input_tokens=usage.input,
        input_tokens_details=without_none(cached_tokens=usage.cached, cache_write_tokens=usage.cache_write) or None,
        output_tokens=usage.output,
        output_tokens_details=without_none(reasoning_tokens=usage.reasoning) or None,
        total_tokens=count_total(usage),
        source=None if usage.source == "provider" else usage.source,
    )
