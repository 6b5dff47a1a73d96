"""The ``sse`` wire: small JSON objects as Server-Sent Events, for plain ``fetch`` readers.

One key says what an object is: ``content``, ``reasoning``, ``refusal``, ``tool_call``, ``tool_result``, ``source``,
``progress``, ``data``, ``filter``, ``reset`` (whose ``after`` is an offset: what came with a greater ``id:`` is void).
The last object has ``done: true`` when the answer finished or was stopped, and ``error`` with ``code`` when it failed,
was interrupted, or was stopped by anything but the user; then always ``[DONE]``. Only a finished answer has a
``finish_reason`` that is not null. ``content`` is never empty.
"""

from __future__ import annotations

from typing import Final

import msgspec

from penstock.core import events as e
from penstock.core.log import Batch
from penstock.wire import request_body, sse_frame
from penstock.wire.account import Account
from penstock.wire.dialect import Dialect, StreamContext
from penstock.wire.outcome import (
    describe_call,
    describe_data,
    describe_filter,
    describe_progress,
    describe_result,
    describe_source,
    is_notable,
)
from penstock.wire.writer_table import PART_BOUNDS, make_table

_encode = msgspec.json.Encoder().encode


class _Encoder:
    status: int = 200
    must_cut: bool = False

    def __init__(self, context: StreamContext) -> None:
        self._account = Account(context)
        self._step_seq = 0

    def encode(self, batch: Batch) -> bytes:
        """Give one frame for each event that this wire has a word for."""
        return b"".join(
            [_WRITERS[type(event)](self, seq, event) for seq, event in enumerate(batch.events, batch.first_seq)]
        )

    def on_step_started(self, seq: int, event: e.StepStarted) -> bytes:
        self._step_seq = seq
        self._account.start_step(event)
        return b""

    def on_step_reset(self, seq: int, event: e.StepReset) -> bytes:
        del event
        return _write(seq, reset={"after": self._step_seq})

    def on_text_delta(self, seq: int, event: e.TextDelta) -> bytes:
        if not event.text:
            return b""
        return b'id: %d\ndata: {"content":%b}\n\n' % (seq, _encode(event.text))

    def on_reasoning_delta(self, seq: int, event: e.ReasoningDelta) -> bytes:
        if not event.text:
            return b""
        return b'id: %d\ndata: {"reasoning":%b}\n\n' % (seq, _encode(event.text))

    def on_refusal_delta(self, seq: int, event: e.RefusalDelta) -> bytes:
        return _write(seq, refusal=event.text) if event.text else b""

    def on_tool_call(self, seq: int, event: e.ToolCallReady | e.ToolCallInvalid) -> bytes:
        return _write(seq, tool_call=describe_call(event))

    def on_tool_result(self, seq: int, event: e.ToolResult) -> bytes:
        return _write(seq, tool_result=describe_result(event))

    def on_source(self, seq: int, event: e.Source) -> bytes:
        return _write(seq, source=describe_source(event))

    def on_progress(self, seq: int, event: e.Progress) -> bytes:
        return _write(seq, progress=describe_progress(event))

    def on_data(self, seq: int, event: e.Data) -> bytes:
        return _write(seq, data=describe_data(event))

    def on_content_filter(self, seq: int, event: e.ContentFilter) -> bytes:
        return _write(seq, filter=describe_filter(event)) if is_notable(event) else b""

    def on_usage(self, seq: int, event: e.Usage) -> bytes:
        del seq
        self._account.usage = event
        return b""

    def on_terminal(self, seq: int, event: e.Terminal) -> bytes:
        is_done = isinstance(event, (e.RunFinished, e.RunStopped))
        ending = {**({"done": True} if is_done else {}), **self._account.summarise(event)}
        return sse_frame.frame(seq, _encode(ending)) + sse_frame.DONE


def _write(seq: int, **fields: object) -> bytes:
    return sse_frame.frame(seq, _encode(fields))


_WRITERS: Final = make_table(
    {
        e.StepStarted: _Encoder.on_step_started,
        e.StepReset: _Encoder.on_step_reset,
        e.TextDelta: _Encoder.on_text_delta,
        e.ReasoningDelta: _Encoder.on_reasoning_delta,
        e.RefusalDelta: _Encoder.on_refusal_delta,
        e.ToolCallReady | e.ToolCallInvalid: _Encoder.on_tool_call,
        e.ToolResult: _Encoder.on_tool_result,
        e.Source: _Encoder.on_source,
        e.Progress: _Encoder.on_progress,
        e.Data: _Encoder.on_data,
        e.ContentFilter: _Encoder.on_content_filter,
        e.Usage: _Encoder.on_usage,
        e.Terminal: _Encoder.on_terminal,
    },
    silent=(e.RunStarted, e.StepFinished, PART_BOUNDS, e.ToolCallStarted, e.ToolCallDelta),
    nothing=b"",
)


DIALECT: Final = Dialect(
    name="sse",
    media_type=sse_frame.MEDIA_TYPE,
    open=_Encoder,
    decode=request_body.decode,
    accepts=(sse_frame.MEDIA_TYPE,),
    come_back=sse_frame.COME_BACK,
)
