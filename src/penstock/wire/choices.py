"""The ``choices`` wire: lines of bare ``choices[0]`` objects, as the DeepSeek sample of Azure streams them.

Each has ``index``, ``delta`` and ``finish_reason``; what chat.completions has no field for in a choice is lost. Its
page passes over every line without ``delta``, errors too, and shows ``error`` as it is: so the last line always has a
``delta`` beside what it says, and a finish reason only when the answer finished.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from penstock.core import events as e
from penstock.core.log import Batch
from penstock.wire import lines, request_body
from penstock.wire.account import Account
from penstock.wire.dialect import Dialect, StreamContext
from penstock.wire.outcome import is_notable
from penstock.wire.writer_table import PART_BOUNDS, make_table


class _Encoder:
    status: int = 200
    must_cut: bool = False

    def __init__(self, context: StreamContext) -> None:
        self._account = Account(context)
        self._calls: dict[str, int] = {}
        self._unargued: set[str] = set()

    def encode(self, batch: Batch) -> bytes:
        """Give the lines of every event that this wire has a word for."""
        return b"".join([_WRITERS[type(event)](self, event) for event in batch.events])

    def on_run_started(self, event: e.RunStarted) -> bytes:
        del event
        return _write(role="assistant", content="")

    def on_step_started(self, event: e.StepStarted) -> bytes:
        self._account.start_step(event)
        return b""

    def on_step_reset(self, event: e.StepReset) -> bytes:
        del event
        self._account.reset_step()
        return b""

    def on_text_delta(self, event: e.TextDelta) -> bytes:
        self._account.has_words = True
        return b'{"index":0,"delta":{"content":%b},"finish_reason":null}\n' % lines.encode(event.text)

    def on_reasoning_delta(self, event: e.ReasoningDelta) -> bytes:
        self._account.has_words = True
        return b'{"index":0,"delta":{"reasoning_content":%b},"finish_reason":null}\n' % lines.encode(event.text)

    def on_refusal_delta(self, event: e.RefusalDelta) -> bytes:
        self._account.has_words = True
        return _write(refusal=event.text)

    def on_tool_call_started(self, event: e.ToolCallStarted) -> bytes:
        self._account.has_words = True
        place = self._calls.setdefault(event.tool_call_id, len(self._calls))
        self._unargued.add(event.tool_call_id)
        function = {"name": event.name, "arguments": ""}
        return _write(tool_calls=[{"index": place, "id": event.tool_call_id, "type": "function", "function": function}])

    def on_tool_call_delta(self, event: e.ToolCallDelta) -> bytes:
        self._unargued.discard(event.tool_call_id)
        return self._argue(event.tool_call_id, event.arguments)

    def on_tool_call_ready(self, event: e.ToolCallReady) -> bytes:
        """Give the arguments of a call that came whole, without deltas."""
        if event.tool_call_id not in self._unargued:
            return b""
        return self._argue(event.tool_call_id, lines.encode(event.input).decode())

    def on_tool_call_invalid(self, event: e.ToolCallInvalid) -> bytes:
        return self._argue(event.tool_call_id, event.arguments) if event.tool_call_id in self._unargued else b""

    def on_content_filter(self, event: e.ContentFilter) -> bytes:
        if event.stage != "completion" or not is_notable(event):
            return b""
        verdicts = msgspec.to_builtins(event.verdicts)
        offsets: dict[str, Any] = (
            {} if event.offsets is None else {"content_filter_offsets": msgspec.to_builtins(event.offsets)}
        )
        return lines.line(index=0, delta={}, finish_reason=None, content_filter_results=verdicts, **offsets)

    def on_usage(self, event: e.Usage) -> bytes:
        self._account.usage = event
        return b""

    def on_terminal(self, event: e.Terminal) -> bytes:
        summary = {"finish_reason": None, **self._account.summarise(self._account.judge(event))}
        return lines.line(index=0, delta={}, **summary)

    def _argue(self, tool_call_id: str, arguments: str) -> bytes:
        return _write(tool_calls=[{"index": self._calls[tool_call_id], "function": {"arguments": arguments}}])


def _write(**delta: object) -> bytes:
    return lines.line(index=0, delta=delta, finish_reason=None)


_WRITERS: Final = make_table(
    {
        e.RunStarted: _Encoder.on_run_started,
        e.StepStarted: _Encoder.on_step_started,
        e.StepReset: _Encoder.on_step_reset,
        e.TextDelta: _Encoder.on_text_delta,
        e.ReasoningDelta: _Encoder.on_reasoning_delta,
        e.RefusalDelta: _Encoder.on_refusal_delta,
        e.ToolCallStarted: _Encoder.on_tool_call_started,
        e.ToolCallDelta: _Encoder.on_tool_call_delta,
        e.ToolCallReady: _Encoder.on_tool_call_ready,
        e.ToolCallInvalid: _Encoder.on_tool_call_invalid,
        e.ContentFilter: _Encoder.on_content_filter,
        e.Usage: _Encoder.on_usage,
        e.Terminal: _Encoder.on_terminal,
    },
    silent=(e.StepFinished, PART_BOUNDS, e.ToolResult, e.Source, e.Progress, e.Data),
    nothing=b"",
)


DIALECT: Final = Dialect(
    name="choices",
    media_type=lines.MEDIA_TYPE,
    open=_Encoder,
    decode=request_body.decode,
    heartbeat=lines.HEARTBEAT,
)
