"""One chunk of a chat completion, as plain JSON -> canonical events: the slow way, where nothing is lost.

Known fields become events. Unknown ones go to ``extra``: of the delta they stand beside, of `StepStarted` when the
first chunk has them, of `Usage` when they stand beside it, else of `StepFinished`.
"""

from __future__ import annotations

from typing import Final

from penstock.core import events as e
from penstock.core.events import FinishReason, Json
from penstock.providers.answer_writer import AnswerWriter
from penstock.providers.delta_words import WORD_FIELDS, Piece, read_words
from penstock.providers.filter_verdicts import FilterReader, read_prompt_filters
from penstock.providers.foreign_json import as_list, as_object, as_text, scrub_json, scrub_text
from penstock.providers.source_list import SourceReader
from penstock.providers.think_tags import ThinkSplitter
from penstock.providers.token_usage import find_usage, read_usage
from penstock.providers.tool_calls import ToolCallReader

_CHUNK_FIELDS: Final = frozenset(
    {
        "choices",
        "created",
        "error",
        "id",
        "model",
        "obfuscation",
        "object",
        "p",
        "prompt_annotations",
        "prompt_filter_results",
        "usage",
    }
)
"""Interpreted, or (``created``, ``obfuscation``, Mistral's padding ``p``) without meaning for an answer."""
_CHOICE_FIELDS: Final = frozenset(
    {
        "content_filter_offsets",
        "content_filter_raw",
        "content_filter_result",
        "content_filter_results",
        "delta",
        "error",
        "finish_reason",
        "index",
        "message",
        "text",
        "usage",
    }
)
_DELTA_FIELDS: Final = WORD_FIELDS | {"function_call", "role", "tool_calls"}
_FINISH_REASONS: Final[dict[str, FinishReason]] = {
    "stop": "stop",
    "stop_sequence": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "end_turn": "stop",
    "length": "length",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "model_length": "length",
    "content_filter": "content-filter",
    "safety": "content-filter",
    "tool_call": "tool-calls",
    "tool_calls": "tool-calls",
    "tool_use": "tool-calls",
    "function_call": "tool-calls",
    "refusal": "refusal",
}
_FAILED: Final = frozenset({"error", "insufficient_system_resource"})
_OPENAI_MODELS: Final = ("gpt-", "o1", "o3", "o4", "chatgpt")
"""These never mark their reasoning by tags: a ``<think>`` in their answer is text that somebody asked for."""


class ChunkReader:
    """Reads chunks in order; `take` gives the events since the last call."""

    def __init__(self, *, step_index: int, has_think_tags: bool) -> None:
        """Start before the first chunk."""
        self._step_index = step_index
        self._writer = AnswerWriter()
        self._tools = ToolCallReader(self._writer)
        self._filters = FilterReader()
        self._sources = SourceReader()
        self._think = ThinkSplitter()
        if not has_think_tags:
            self._think.be_plain()
        self._held: list[e.Event] = []
        self._response_id: str | None = None
        self._seen_extra: dict[str, Json] = {}
        self._late_extra: dict[str, Json] = {}
        self._beside_usage: dict[str, Json] = {}
        self._usage: e.Usage | None = None
        self._is_usage_new = False
        self._raw_finish: str | None = None
        self._has_refusal = False
        self._has_text = False
        self.model = ""
        """What the service says answers."""
        self.service_tier: Json = None
        self.system_fingerprint: Json = None
        self.has_started = False
        self.has_failed = False
        """The service gave an error as its finish reason."""

    @property
    def is_finished(self) -> bool:
        """Whether a finish reason was seen."""
        return self._raw_finish is not None

    @property
    def has_content(self) -> bool:
        """Whether anything was given that a reader may have seen."""
        return self._writer.has_content

    @property
    def is_in_text(self) -> bool:
        """Whether a chunk with content would only continue the open text part."""
        return self._writer.open_kind == "text" and self._think.is_plain

    def is_filter_news(self, results: dict[str, Json]) -> bool:
        """Whether these verdicts differ from what was said before."""
        return self._filters.is_news(results)

    def write_text(self, texts: list[str]) -> None:
        """Continue the open text part."""
        self._writer.write_valid(texts)

    def take(self) -> tuple[e.Event, ...]:
        """Give the events since the last call; a usage that changed is last."""
        if self._is_usage_new and self.has_started:
            self._emit_usage()
        return self._writer.take()

    def read(self, chunk: dict[str, Json]) -> None:
        """Take one chunk; whatever has an unexpected type is passed over, never an error."""
        self._read_head(chunk)
        for event in read_prompt_filters(chunk):
            self._emit(event)
        for item in as_list(chunk.get("choices")):
            choice = as_object(item)
            if choice.get("index", 0) in {0, None}:
                self._read_choice(choice)

    def finish(self) -> bool:
        """End the step when a finish reason proves it complete; False when none does."""
        self.flush()
        if self._raw_finish is None:
            return False
        self._start()
        self._end_parts()
        if self._is_usage_new:
            self._emit_usage()
        self._writer.emit(
            e.StepFinished(
                index=self._step_index,
                finish_reason=self._finish_reason(),
                raw=self._raw_finish,
                extra=scrub_json(self._late_extra) if self._late_extra else None,
            )
        )
        return True

    def flush(self) -> None:
        """Give what was held back to see how it goes on."""
        for kind, text in self._think.close():
            self._start()
            self._writer.write(kind, text)
        if self._held:
            self._start()

    # --- the head of a chunk ------------------------------------------------------------------------------------------

    def _read_head(self, chunk: dict[str, Json]) -> None:
        model = as_text(chunk.get("model"))
        if model is not None and model != self.model:
            if self.has_started:
                self._late_extra["model"] = model
            self.model = scrub_text(model)
        if self._response_id is None:
            response_id = as_text(chunk.get("id"))
            self._response_id = scrub_text(response_id) if response_id else None
        usage = find_usage(chunk)
        news = self._note_extra(chunk)
        if self.model and as_list(chunk.get("choices")):
            self._start()
        if usage:
            self._beside_usage |= news
            read = read_usage(usage, self._beside_usage)
            self._is_usage_new = self._is_usage_new or read != self._usage
            self._usage = read
        elif self.has_started:
            self._late_extra |= news
        for source in self._sources.read_chunk(chunk):
            self._emit(source)

    def _note_extra(self, chunk: dict[str, Json]) -> dict[str, Json]:
        """Give the unknown fields that are new or changed; before the step starts, they become part of its start."""
        news: dict[str, Json] = {}
        for name, value in chunk.items():
            if name in _CHUNK_FIELDS or self._seen_extra.get(name) == value:
                continue
            self._seen_extra[name] = value
            news[name] = value
        if news:
            self.service_tier = self._seen_extra.get("service_tier")
            self.system_fingerprint = self._seen_extra.get("system_fingerprint")
        return news if self.has_started else {}

    def _start(self) -> None:
        if self.has_started:
            return
        self.has_started = True
        extra = {name: value for name, value in self._seen_extra.items() if value is not None}
        self._writer.emit(
            e.StepStarted(
                index=self._step_index,
                model=self.model or None,
                response_id=self._response_id,
                extra=scrub_json(extra) if extra else None,
            )
        )
        for event in self._held:
            self._writer.emit(event)
        self._held.clear()
        if self.model.startswith(_OPENAI_MODELS):
            self._think.be_plain()

    def _emit(self, event: e.Event) -> None:
        if self.has_started:
            self._writer.emit(event)
        else:
            self._held.append(event)

    def _emit_usage(self) -> None:
        self._is_usage_new = False
        if self._usage is not None:
            self._writer.emit(self._usage)

    # --- a choice -----------------------------------------------------------------------------------------------------

    def _read_choice(self, choice: dict[str, Json]) -> None:
        finish = _read_finish(choice)
        is_blocked = finish == "content_filter"
        delta = as_object(choice.get("delta"))
        if not delta and not self.has_content:  # later, a whole message only repeats what was said
            delta = as_object(choice.get("message"))
        is_annotation = not isinstance(choice.get("delta"), dict) and not {"message", "text"} & choice.keys()
        read_filter = self._filters.read_async if is_annotation else self._filters.read_inline
        verdict = read_filter(choice, is_blocked=is_blocked)
        self._read_delta(delta or {"content": choice.get("text")}, choice)
        if verdict is not None:
            self._emit(verdict)
        if finish in _FAILED:
            self.has_failed = True
        elif finish is not None:
            self._note_finish(finish)

    def _read_delta(self, delta: dict[str, Json], choice: dict[str, Json]) -> None:
        extra = _unknown(choice, _CHOICE_FIELDS) | _unknown(delta, _DELTA_FIELDS)
        self._write_pieces(read_words(delta), scrub_json(extra) if extra else None)
        for source in self._sources.read_delta(delta):
            self._emit(source)
        calls = as_list(delta.get("tool_calls"))
        if delta.get("function_call"):
            calls = [*calls, {"index": 0, "function": delta["function_call"]}]
        if calls:
            self._flush_before_call()
            for call in calls:
                self._tools.read(as_object(call))

    def _write_pieces(self, pieces: list[Piece], extra: dict[str, Json] | None) -> None:
        if not pieces:
            self._late_extra |= extra or {}
            return
        self._start()
        for kind, text in pieces:
            if kind == "text":
                self._write_content(text, extra)
            elif kind == "reasoning":
                self._think.be_plain()
                self._writer.write("reasoning", text, extra)
            else:
                self._has_refusal = True
                self._writer.write("refusal", text, extra)
            extra = None

    def _write_content(self, content: str, extra: dict[str, Json] | None) -> None:
        if self._think.is_plain:
            self._has_text = True
            self._writer.write("text", content, extra)
            return
        pieces = self._think.feed(content)
        if not pieces:
            self._late_extra |= extra or {}
        for kind, text in pieces:
            self._has_text = self._has_text or kind == "text"
            self._writer.write(kind, text, extra)
            extra = None

    def _flush_before_call(self) -> None:
        self._start()
        for kind, text in self._think.close():
            self._writer.write(kind, text)

    def _note_finish(self, finish: str) -> None:
        """Keep the first reason, but for a block: it may come late, and then it is what happened."""
        if self._raw_finish is None or finish == "content_filter":
            self._raw_finish = scrub_text(finish)
        self.flush()
        self._start()
        self._end_parts()

    def _end_parts(self) -> None:
        self._tools.end()
        self._writer.end_parts()

    def _finish_reason(self) -> FinishReason:
        reason = _FINISH_REASONS.get((self._raw_finish or "").lower(), "other")
        return "refusal" if reason == "stop" and self._has_refusal and not self._has_text else reason


def _unknown(fields: dict[str, Json], known: frozenset[str]) -> dict[str, Json]:
    """Give the fields that are not interpreted and say something."""
    return {name: value for name, value in fields.items() if name not in known and value not in (None, [], {}, "")}


def _read_finish(choice: dict[str, Json]) -> str | None:
    """Read the reason; some services say the word ``null`` where they mean none."""
    finish = as_text(choice.get("finish_reason"))
    return None if finish == "null" else finish
