"""The ``data-stream`` wire: the data stream protocol of the AI SDK 4, lines of a code, a colon and JSON.

Its client (package ``@ai-sdk/ui-utils`` 1.2) rejects the whole stream for one unknown code, a comment, a result whose
call it has not seen, or arguments that are no object; it passes over empty lines, and takes a stream that just ends for
a success. So every answer ends with ``d:`` or with ``3:``, after which it reads nothing. What the protocol has no code
for goes out as annotations of the message (``8:``, objects with a ``type``), progress and the application's values as
data (``2:``).
"""

from __future__ import annotations

from typing import Final, assert_never, cast

import msgspec

from penstock.core import events as e
from penstock.core.events import Json
from penstock.core.log import Batch
from penstock.wire import data_body, request_body
from penstock.wire.account import Account
from penstock.wire.dialect import Dialect, StreamContext
from penstock.wire.outcome import (
    INTERRUPTIONS,
    STOPS,
    describe_call,
    describe_data,
    describe_filter,
    describe_progress,
    describe_source,
    is_notable,
    without_none,
)
from penstock.wire.sdk_metadata import REASONS, describe_run
from penstock.wire.writer_table import make_table

_encode = msgspec.json.Encoder().encode


class _Encoder:
    status: int = 200
    must_cut: bool = False

    def __init__(self, context: StreamContext) -> None:
        self._context = context
        self._account = Account(context)
        self._calls: set[str] = set()
        self._step_calls: set[str] = set()
        self._redacted: set[str] = set()
        self._refusals: dict[str, list[str]] = {}
        self._is_step_reused = False

    def encode(self, batch: Batch) -> bytes:
        """Give the lines of every event that this wire has a code for."""
        return b"".join([_WRITERS[type(event)](self, event) for event in batch.events])

    def on_step_started(self, event: e.StepStarted) -> bytes:
        self._account.start_step(event)
        self._step_calls.clear()
        if self._is_step_reused:
            self._is_step_reused = False
            return b""
        return _write(b"f", {"messageId": self._context.message_id})

    def on_step_finished(self, event: e.StepFinished) -> bytes:
        return _write(b"e", {"finishReason": REASONS[event.finish_reason], "isContinued": False})

    def on_step_reset(self, event: e.StepReset) -> bytes:
        """Go on in the same step: there is no code that takes one back."""
        del event
        self._account.reset_step()
        self._calls -= self._step_calls
        self._is_step_reused = True
        return b""

    def on_text_delta(self, event: e.TextDelta) -> bytes:
        self._account.has_words = True
        return b"0:%b\n" % _encode(event.text)

    def on_reasoning_started(self, event: e.ReasoningStarted) -> bytes:
        if event.kind == "redacted":
            self._redacted.add(event.part_id)
        return b""

    def on_reasoning_delta(self, event: e.ReasoningDelta) -> bytes:
        self._account.has_words = True
        return b"g:%b\n" % _encode(event.text)

    def on_reasoning_ended(self, event: e.ReasoningEnded) -> bytes:
        if event.signature is None:
            return b""
        if event.part_id in self._redacted:
            return _write(b"i", {"data": event.signature})
        return _write(b"j", {"signature": event.signature})

    def on_refusal_delta(self, event: e.RefusalDelta) -> bytes:
        self._account.has_words = True
        self._refusals.setdefault(event.part_id, []).append(event.text)
        return b"0:%b\n" % _encode(event.text)

    def on_refusal_ended(self, event: e.RefusalEnded) -> bytes:
        words = "".join(self._refusals.pop(event.part_id, []))
        return _annotate("refusal", text=words) if words else b""

    def on_tool_call_started(self, event: e.ToolCallStarted) -> bytes:
        self._account.has_words = True
        self._calls.add(event.tool_call_id)
        self._step_calls.add(event.tool_call_id)
        return _write(b"b", {"toolCallId": event.tool_call_id, "toolName": event.name})

    def on_tool_call_delta(self, event: e.ToolCallDelta) -> bytes:
        return _write(b"c", {"toolCallId": event.tool_call_id, "argsTextDelta": event.arguments})

    def on_tool_call_ready(self, event: e.ToolCallReady) -> bytes:
        value: Json = event.input
        arguments = cast("Json", value) if isinstance(value, (dict, list)) else {"input": value}
        return _write(b"9", {"toolCallId": event.tool_call_id, "toolName": event.name, "args": arguments})

    def on_tool_call_invalid(self, event: e.ToolCallInvalid) -> bytes:
        """Leave the call half made: with a ``9:`` the page would run its tool on broken arguments."""
        return _annotate("tool-call-invalid", **describe_call(event))

    def on_tool_result(self, event: e.ToolResult) -> bytes:
        if event.tool_call_id not in self._calls:
            return b""
        result: Json = event.output if event.error_text is None else {"error": event.error_text}
        return _write(b"a", {"toolCallId": event.tool_call_id, "result": result})

    def on_source(self, event: e.Source) -> bytes:
        if event.kind == "url" and event.url is not None:
            about = without_none(id=event.source_id, url=event.url, title=event.title)
            return _write(b"h", {"sourceType": "url", **about})
        return _annotate("source", source=describe_source(event))

    def on_progress(self, event: e.Progress) -> bytes:
        return _write(b"2", [{"type": "progress", **describe_progress(event)}])

    def on_data(self, event: e.Data) -> bytes:
        return _write(b"2", [{"type": "data", **describe_data(event)}])

    def on_content_filter(self, event: e.ContentFilter) -> bytes:
        return _annotate("content-filter", **describe_filter(event)) if is_notable(event) else b""

    def on_usage(self, event: e.Usage) -> bytes:
        self._account.usage = event
        return b""

    def on_terminal(self, event: e.Terminal) -> bytes:
        terminal = self._account.judge(event)
        about = without_none(runId=self._context.run_id, conversationId=self._context.conversation_id)
        metadata = describe_run(terminal, model=self._account.model, usage=self._account.usage)
        return _annotate("run", **about, **metadata) + self._end(terminal)

    def _end(self, terminal: e.Terminal) -> bytes:
        match terminal:
            case e.RunFinished():
                return self._finish(REASONS[terminal.finish_reason])
            case e.RunFailed():
                return _write(b"3", terminal.message)
            case e.RunInterrupted():
                return _write(b"3", INTERRUPTIONS[terminal.cause][1])
            case e.RunStopped():
                # There is no code for a stop: "unknown" is at least no success.
                return self._finish("unknown") if terminal.by == "user" else _write(b"3", STOPS[terminal.by][1])
            case _:
                assert_never(terminal)

    def _finish(self, reason: str) -> bytes:
        """Give the finish; the client makes NaN of a token count that is no number, so both are known or none."""
        usage = self._account.usage
        is_known = usage is not None and usage.input is not None and usage.output is not None
        tokens = {"promptTokens": usage.input, "completionTokens": usage.output} if usage and is_known else None
        return _write(b"d", without_none(finishReason=reason, usage=tokens))


def _write(code: bytes, value: object) -> bytes:
    return b"%b:%b\n" % (code, _encode(value))


def _annotate(kind: str, **fields: object) -> bytes:
    return _write(b"8", [{"type": kind, **fields}])


_WRITERS: Final = make_table(
    {
        e.StepStarted: _Encoder.on_step_started,
        e.StepFinished: _Encoder.on_step_finished,
        e.StepReset: _Encoder.on_step_reset,
        e.TextDelta: _Encoder.on_text_delta,
        e.ReasoningStarted: _Encoder.on_reasoning_started,
        e.ReasoningDelta: _Encoder.on_reasoning_delta,
        e.ReasoningEnded: _Encoder.on_reasoning_ended,
        e.RefusalDelta: _Encoder.on_refusal_delta,
        e.RefusalEnded: _Encoder.on_refusal_ended,
        e.ToolCallStarted: _Encoder.on_tool_call_started,
        e.ToolCallDelta: _Encoder.on_tool_call_delta,
        e.ToolCallReady: _Encoder.on_tool_call_ready,
        e.ToolCallInvalid: _Encoder.on_tool_call_invalid,
        e.ToolResult: _Encoder.on_tool_result,
        e.Source: _Encoder.on_source,
        e.Progress: _Encoder.on_progress,
        e.Data: _Encoder.on_data,
        e.ContentFilter: _Encoder.on_content_filter,
        e.Usage: _Encoder.on_usage,
        e.Terminal: _Encoder.on_terminal,
    },
    silent=(e.RunStarted, e.TextStarted, e.TextEnded, e.RefusalStarted),
    nothing=b"",
)


DIALECT: Final = Dialect(
    name="data-stream",
    media_type="text/plain; charset=utf-8",
    open=_Encoder,
    decode=request_body.decode,
    recognise=data_body.recognise,
    headers=(("x-vercel-ai-data-stream", "v1"),),
    heartbeat=b"\n",
    accepts=("text/plain",),
)
