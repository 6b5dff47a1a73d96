"""The ``openai`` wire: the chunks of OpenAI's chat completions, for the clients and libraries that speak nothing else.

Every chunk has the same id, model and time. Only an answer that is proven complete has a ``finish_reason`` and
``[DONE]``; everything else ends with an error object, at which OpenAI's own libraries raise. With ``azure=1`` there are
Azure's filter results too. ``stream_options.include_usage`` (or ``include_usage=1``) asks for the usage chunk.

What it has no word for is left out: results of tools, progress, data. After a reset of a step that had content
nothing but an error follows, for what was sent can't be taken back.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from penstock.core import events as e
from penstock.core.events import Json
from penstock.core.log import Batch
from penstock.wire import openai_whole, request_body, sse_frame
from penstock.wire.dialect import Dialect, StreamContext
from penstock.wire.openai_body import read_switches
from penstock.wire.openai_words import (
    RESET,
    completion_id,
    describe_citation,
    describe_failure,
    describe_finish,
    describe_offsets,
    describe_prompt,
    describe_results,
    describe_tokens,
    is_azure,
)
from penstock.wire.writer_table import PART_BOUNDS, make_table

_encode = msgspec.json.Encoder().encode

_HEAD_FIELDS: Final = ("service_tier", "system_fingerprint")
"""What OpenAI says on every chunk of how the answer is made, where the service said it too."""


class _Encoder:
    status: int = 200
    must_cut: bool = False

    def __init__(self, context: StreamContext) -> None:
        self._is_azure = is_azure(context)
        self._has_usage = context.parameters.get("include_usage") == "1"
        self._about: dict[str, Json] = {
            "id": completion_id(context, prefix="chatcmpl"),
            "object": "chat.completion.chunk",
            "created": int(context.created_at),
            "model": context.model,
        }
        self._is_open = False
        self._has_content = False
        """Whether this step has sent any, which a reset can't take back."""
        self._is_void = False
        self._head = b""
        self._tail = b""
        self._indexes: dict[str, int] = {}
        self._silent: set[str] = set()
        """Calls of which no argument was sent yet."""
        self._usage: e.Usage | None = None
        self._prompt_results: dict[str, Any] = {}
        self._results: dict[str, Any] = {}

    def encode(self, batch: Batch) -> bytes:
        """Give the chunks of each event."""
        pieces: list[bytes] = []
        for seq, event in enumerate(batch.events, batch.first_seq):
            if self._is_void:
                break
            pieces.append(_WRITERS[type(event)](self, seq, event))
        return b"".join(pieces)

    def on_step_started(self, seq: int, event: e.StepStarted) -> bytes:
        del seq
        self._has_content = False
        if not self._is_open:
            self._about["model"] = event.model or self._about["model"]
            self._about |= {name: event.extra[name] for name in _HEAD_FIELDS if event.extra and name in event.extra}
        return b""

    def on_step_reset(self, seq: int, event: e.StepReset) -> bytes:
        del event
        self._is_void = self._has_content
        self._results.clear()
        return sse_frame.frame(seq, _encode(RESET)) if self._is_void else b""

    def on_text_delta(self, seq: int, event: e.TextDelta) -> bytes:
        if event.extra is None and self._has_content:
            if not event.text:
                return b""
            return b'id: %d\ndata: %b{"content":%b}%b\n\n' % (seq, self._head, _encode(event.text), self._tail)
        return self._write_words(seq, "content", event)

    def on_reasoning_delta(self, seq: int, event: e.ReasoningDelta) -> bytes:
        return self._write_words(seq, "reasoning_content", event)

    def on_refusal_delta(self, seq: int, event: e.RefusalDelta) -> bytes:
        return self._write_words(seq, "refusal", event)

    def on_tool_call_started(self, seq: int, event: e.ToolCallStarted) -> bytes:
        index = self._indexes[event.tool_call_id] = len(self._indexes)
        self._silent.add(event.tool_call_id)
        function = {"name": event.name, "arguments": ""}
        call = {"index": index, "id": event.tool_call_id, "type": "function", "function": function}
        return self._write(seq, {"tool_calls": [call]})

    def on_tool_call_delta(self, seq: int, event: e.ToolCallDelta) -> bytes:
        return self._write_arguments(seq, event.tool_call_id, event.arguments)

    def on_tool_call_ready(self, seq: int, event: e.ToolCallReady) -> bytes:
        """Write the arguments of a service that gave them parsed; others were written as they came."""
        if event.tool_call_id not in self._silent:
            return b""
        return self._write_arguments(seq, event.tool_call_id, _encode(event.input).decode())

    def on_tool_call_invalid(self, seq: int, event: e.ToolCallInvalid) -> bytes:
        if event.tool_call_id not in self._silent:
            return b""
        return self._write_arguments(seq, event.tool_call_id, event.arguments)

    def on_source(self, seq: int, event: e.Source) -> bytes:
        citation = describe_citation(event)
        return b"" if citation is None else self._write(seq, {"annotations": [citation]})

    def on_content_filter(self, seq: int, event: e.ContentFilter) -> bytes:
        if not self._is_azure:
            return b""
        results = describe_results(event)
        if event.stage == "prompt":
            self._prompt_results |= results
            return sse_frame.frame(seq, _encode(_OPENER | {"prompt_filter_results": describe_prompt(results)}))
        self._results |= results
        filters = {"content_filter_results": results, **describe_offsets(event)}
        return sse_frame.frames(seq, [*self._open(), self._chunk({}, **filters)])

    def on_usage(self, seq: int, event: e.Usage) -> bytes:
        del seq
        self._usage = event
        return b""

    def on_finished(self, seq: int, event: e.RunFinished) -> bytes:
        filters = {"content_filter_results": self._results} if self._is_azure else {}
        payloads = [*self._open(), self._chunk({}, **describe_finish(event), **filters)]
        if self._has_usage and self._usage is not None:
            extra = (self._usage.extra or {}) if self._is_azure else {}
            usage: dict[str, Json] = {"choices": [], "usage": describe_tokens(self._usage)}
            payloads.append(_encode(extra | self._about | usage))
        return sse_frame.frames(seq, payloads) + sse_frame.DONE

    def on_broken(self, seq: int, event: e.RunFailed | e.RunStopped | e.RunInterrupted) -> bytes:
        _, error = describe_failure(event, prompt_results=self._prompt_results)
        return sse_frame.frame(seq, _encode(error))

    def _write_words(self, seq: int, field: str, event: e.TextDelta | e.ReasoningDelta | e.RefusalDelta) -> bytes:
        """Write words, and beside them what the service said that Penstock does not interpret."""
        if not event.text and event.extra is None:
            return b""
        extra = dict(event.extra or {})
        choice = {"logprobs": extra.pop("logprobs")} if "logprobs" in extra else {}
        return self._write(seq, extra | {field: event.text}, **choice)

    def _write_arguments(self, seq: int, call_id: str, arguments: str) -> bytes:
        if not arguments:
            return b""
        self._silent.discard(call_id)
        call = {"index": self._indexes[call_id], "function": {"arguments": arguments}}
        return self._write(seq, {"tool_calls": [call]})

    def _write(self, seq: int, delta: dict[str, Json], **choice: Json) -> bytes:
        self._has_content = True
        return sse_frame.frames(seq, [*self._open(), self._chunk(delta, **choice)])

    def _open(self) -> list[bytes]:
        """Give the chunk that opens the message, once; from then on the head of every chunk is settled."""
        if self._is_open:
            return []
        self._is_open = True
        filters: dict[str, Json] = {"content_filter_results": {}} if self._is_azure else {}
        chunk = self._chunk({"role": "assistant", "content": ""}, **filters)
        marker = _encode({"role": "assistant", "content": ""})
        self._head, _, self._tail = chunk.partition(marker)
        return [chunk]

    def _chunk(self, delta: dict[str, Json], **choice: Json) -> bytes:
        first = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": None, **choice}
        usage = {"usage": None} if self._has_usage else {}
        return _encode(self._about | {"choices": [first]} | usage)


_OPENER: Final[dict[str, Json]] = {"choices": [], "created": 0, "id": "", "model": "", "object": ""}
"""The chunk in which Azure says what its filter thinks of the prompt."""

_WRITERS: Final = make_table(
    {
        e.StepStarted: _Encoder.on_step_started,
        e.StepReset: _Encoder.on_step_reset,
        e.TextDelta: _Encoder.on_text_delta,
        e.ReasoningDelta: _Encoder.on_reasoning_delta,
        e.RefusalDelta: _Encoder.on_refusal_delta,
        e.ToolCallStarted: _Encoder.on_tool_call_started,
        e.ToolCallDelta: _Encoder.on_tool_call_delta,
        e.ToolCallReady: _Encoder.on_tool_call_ready,
        e.ToolCallInvalid: _Encoder.on_tool_call_invalid,
        e.Source: _Encoder.on_source,
        e.ContentFilter: _Encoder.on_content_filter,
        e.Usage: _Encoder.on_usage,
        e.RunFinished: _Encoder.on_finished,
        e.RunFailed | e.RunStopped | e.RunInterrupted: _Encoder.on_broken,
    },
    silent=(e.RunStarted, e.StepFinished, PART_BOUNDS, e.ToolResult, e.Progress, e.Data),
    nothing=b"",
)


DIALECT: Final = Dialect(
    name="openai",
    media_type=sse_frame.MEDIA_TYPE,
    open=_Encoder,
    decode=request_body.decode,
    whole=openai_whole.DIALECT,
    read_switches=read_switches,
)
