"""The ``ui-message-stream`` wire: UI message chunks of the AI SDK (versions 5, 6, 7) as Server-Sent Events.

Without ``?dialect=`` only chunks go out that every version from 5.0.0 on accepts; ``dialect=5|6|7`` opens what the
newest version of that line knows (``_Grammar``). Clients reject a stream for one unknown type, one null option or one
unknown finish reason, and they take a stream that just ends for a success. So: absent options are left out, and every
answer ends with ``finish``, ``error`` or ``abort``, then ``[DONE]``. Shapes: package ``ai``, ``uiMessageChunkSchema``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import Struct

from penstock.core import events as e
from penstock.core.log import Batch
from penstock.core.usage import Timings
from penstock.wire import request_body, sse_frame, ui_body
from penstock.wire.dialect import Dialect, StreamContext
from penstock.wire.outcome import INTERRUPTIONS, count_total, describe_filter, is_notable, without_none

_encode = msgspec.json.Encoder().encode


class _Grammar(Struct, frozen=True):
    """What one line of versions accepts beyond the oldest."""

    has_finish_reason: bool = False
    """``finish.finishReason``: from 5.0.92 on."""
    has_input_error: bool = False
    """``tool-input-error``: from late 5.0 on."""
    has_abort_reason: bool = False
    """``abort.reason``: 6.0.0 rejects it."""
    has_interrupted: bool = False
    """The finish reason ``interrupted``: from 7.0.149 on."""
    has_reset: bool = False
    """``reset-step``: from 7.0.70 on."""


_SAFE: Final = _Grammar()
_RECENT: Final = _Grammar(has_finish_reason=True, has_input_error=True)
_NEWEST: Final = _Grammar(
    has_finish_reason=True, has_input_error=True, has_abort_reason=True, has_interrupted=True, has_reset=True
)
GRAMMARS: Final = {"5": _RECENT, "6": _RECENT, "7": _NEWEST}
"""``?dialect=`` -> what may be sent; any other value is the safe subset."""

_REASONS: Final[dict[e.FinishReason, str]] = {
    "stop": "stop",
    "length": "length",
    "content-filter": "content-filter",
    "tool-calls": "tool-calls",
    "refusal": "other",
    "other": "other",
}
"""The clients' list of reasons is closed; the metadata has our own word."""


class _Encoder:
    status: int = 200
    must_cut: bool = False

    def __init__(self, context: StreamContext) -> None:
        self._context = context
        self._grammar = GRAMMARS.get(context.parameters.get("dialect", ""), _SAFE)
        self._model = context.model
        self._usage: e.Usage | None = None
        self._refusals: dict[str, list[str]] = {}
        self._calls: set[str] = set()
        self._step_calls: set[str] = set()
        self._is_step_reused = False

    def encode(self, batch: Batch) -> bytes:
        """Give the chunks of every event; those of one event stand together, the last of them tagged."""
        return b"".join(
            [_WRITERS[type(event)](self, seq, event) for seq, event in enumerate(batch.events, batch.first_seq)]
        )

    def on_run_started(self, seq: int, event: e.RunStarted) -> bytes:
        metadata = without_none(
            runId=event.run_id,
            conversationId=event.conversation_id,
            model=event.model,
            createdAt=round(self._context.created_at * 1000),
        )
        return _write(seq, "start", messageId=event.message_id, messageMetadata=metadata)

    def on_step_started(self, seq: int, event: e.StepStarted) -> bytes:
        self._model = event.model or self._model
        self._step_calls.clear()
        if self._is_step_reused:
            self._is_step_reused = False
            return b""
        return _write(seq, "start-step")

    def on_step_finished(self, seq: int, event: e.StepFinished) -> bytes:
        del event
        return _write(seq, "finish-step")

    def on_step_reset(self, seq: int, event: e.StepReset) -> bytes:
        """Empty the page's step, which the next attempt goes on with; without a word for that, it is empty already.

        A reset comes before any content, since nothing is retried that a reader may have seen.
        """
        del event
        self._calls -= self._step_calls
        self._is_step_reused = True
        return _write(seq, "reset-step") if self._grammar.has_reset else b""

    def on_text_started(self, seq: int, event: e.TextStarted | e.RefusalStarted) -> bytes:
        return _write(seq, "text-start", id=event.part_id)

    def on_text_delta(self, seq: int, event: e.TextDelta) -> bytes:
        return b'id: %d\ndata: {"type":"text-delta","id":%b,"delta":%b}\n\n' % (
            seq,
            _encode(event.part_id),
            _encode(event.text),
        )

    def on_text_ended(self, seq: int, event: e.TextEnded) -> bytes:
        return _write(seq, "text-end", id=event.part_id)

    def on_reasoning_started(self, seq: int, event: e.ReasoningStarted) -> bytes:
        return _write(seq, "reasoning-start", id=event.part_id)

    def on_reasoning_delta(self, seq: int, event: e.ReasoningDelta) -> bytes:
        return b'id: %d\ndata: {"type":"reasoning-delta","id":%b,"delta":%b}\n\n' % (
            seq,
            _encode(event.part_id),
            _encode(event.text),
        )

    def on_reasoning_ended(self, seq: int, event: e.ReasoningEnded) -> bytes:
        signed = {} if event.signature is None else {"providerMetadata": {"penstock": {"signature": event.signature}}}
        return _write(seq, "reasoning-end", id=event.part_id, **signed)

    def on_refusal_delta(self, seq: int, event: e.RefusalDelta) -> bytes:
        self._refusals.setdefault(event.part_id, []).append(event.text)
        return _write(seq, "text-delta", id=event.part_id, delta=event.text)

    def on_refusal_ended(self, seq: int, event: e.RefusalEnded) -> bytes:
        words = "".join(self._refusals.pop(event.part_id, []))
        chunks = [_chunk("text-end", id=event.part_id)]
        if words:
            chunks.append(_chunk("data-refusal", id=event.part_id, data={"text": words}))
        return sse_frame.frames(seq, chunks)

    def on_tool_call_started(self, seq: int, event: e.ToolCallStarted) -> bytes:
        self._calls.add(event.tool_call_id)
        self._step_calls.add(event.tool_call_id)
        return _write(seq, "tool-input-start", toolCallId=event.tool_call_id, toolName=event.name)

    def on_tool_call_delta(self, seq: int, event: e.ToolCallDelta) -> bytes:
        return _write(seq, "tool-input-delta", toolCallId=event.tool_call_id, inputTextDelta=event.arguments)

    def on_tool_call_ready(self, seq: int, event: e.ToolCallReady) -> bytes:
        return _write(
            seq, "tool-input-available", toolCallId=event.tool_call_id, toolName=event.name, input=event.input
        )

    def on_tool_call_invalid(self, seq: int, event: e.ToolCallInvalid) -> bytes:
        call: dict[str, Any] = {
            "toolCallId": event.tool_call_id,
            "toolName": event.name,
            "input": event.arguments,
        }
        if self._grammar.has_input_error:
            return _write(seq, "tool-input-error", **call, errorText=event.error_text)
        # "Executed by the provider" keeps the page from running its own tool on broken arguments.
        available = _chunk("tool-input-available", **call, providerExecuted=True)
        error = _chunk(
            "tool-output-error", toolCallId=event.tool_call_id, errorText=event.error_text, providerExecuted=True
        )
        return sse_frame.frames(seq, [available, error])

    def on_tool_result(self, seq: int, event: e.ToolResult) -> bytes:
        """Give the result; clients fail on one whose call they have not seen."""
        if event.tool_call_id not in self._calls:
            return b""
        if event.error_text is not None:
            return _write(seq, "tool-output-error", toolCallId=event.tool_call_id, errorText=event.error_text)
        return _write(seq, "tool-output-available", toolCallId=event.tool_call_id, output=event.output)

    def on_source(self, seq: int, event: e.Source) -> bytes:
        if event.kind == "url" and event.url is not None:
            title = without_none(title=event.title)
            return _write(seq, "source-url", sourceId=event.source_id, url=event.url, **title)
        return _write(
            seq,
            "source-document",
            sourceId=event.source_id,
            mediaType=event.media_type or "application/octet-stream",
            title=event.title or event.url or event.source_id,
        )

    def on_progress(self, seq: int, event: e.Progress) -> bytes:
        progress = without_none(stage=event.stage, state=event.state, detail=event.detail, durationMs=event.duration_ms)
        return _write(seq, "data-progress", data=progress, transient=True)

    def on_data(self, seq: int, event: e.Data) -> bytes:
        about = without_none(id=event.data_id, transient=event.transient or None)
        return _write(seq, f"data-{event.name}", data=event.value, **about)

    def on_content_filter(self, seq: int, event: e.ContentFilter) -> bytes:
        return _write(seq, "data-content-filter", data=describe_filter(event)) if is_notable(event) else b""

    def on_usage(self, seq: int, event: e.Usage) -> bytes:
        del seq
        self._usage = event
        return b""

    def on_run_finished(self, seq: int, event: e.RunFinished) -> bytes:
        metadata = self._describe(event, status="finished", finishReason=event.finish_reason, rawFinishReason=event.raw)
        reason = {"finishReason": _REASONS[event.finish_reason]} if self._grammar.has_finish_reason else {}
        return _write(seq, "finish", **reason, messageMetadata=metadata) + sse_frame.DONE

    def on_run_failed(self, seq: int, event: e.RunFailed) -> bytes:
        metadata = self._describe(
            event, status="failed", code=event.code, retryable=event.retryable, retryAfterS=event.retry_after_s
        )
        return _end(seq, metadata, _chunk("error", errorText=event.message))

    def on_run_stopped(self, seq: int, event: e.RunStopped) -> bytes:
        metadata = self._describe(event, status="stopped", stoppedBy=event.by)
        reason = {"reason": event.by} if self._grammar.has_abort_reason else {}
        return _end(seq, metadata, _chunk("abort", **reason))

    def on_run_interrupted(self, seq: int, event: e.RunInterrupted) -> bytes:
        code, sentence = INTERRUPTIONS[event.cause]
        metadata = self._describe(event, status="interrupted", code=code)
        if self._grammar.has_interrupted:
            return _write(seq, "finish", finishReason="interrupted", messageMetadata=metadata) + sse_frame.DONE
        return _end(seq, metadata, _chunk("error", errorText=sentence))

    def _describe(self, terminal: e.Terminal, **fields: object) -> dict[str, Any]:
        """Give the metadata that goes with the terminal; clients merge it into the message's."""
        usage = self._usage
        cost = None if usage is None else usage.cost
        return without_none(
            **fields,
            model=self._model,
            usage=None if usage is None else _describe_usage(usage),
            cost=None if cost is None or cost.usd is None else {"usd": cost.usd, "isEstimated": cost.is_estimated},
            timings=None if terminal.timings is None else _describe_timings(terminal.timings),
        )


def _describe_usage(usage: e.Usage) -> dict[str, Any]:
    return without_none(
        inputTokens=usage.input,
        outputTokens=usage.output,
        totalTokens=count_total(usage),
        reasoningTokens=usage.reasoning,
        cachedInputTokens=usage.cached,
        source=usage.source,
    )


def _describe_timings(timings: Timings) -> dict[str, Any]:
    return without_none(
        firstEventMs=timings.first_event_ms,
        firstTokenMs=timings.first_token_ms,
        reasoningMs=timings.reasoning_ms,
        totalMs=timings.total_ms,
    )


def _chunk(kind: str, **fields: object) -> bytes:
    return _encode({"type": kind, **fields})


def _write(seq: int, kind: str, **fields: object) -> bytes:
    return sse_frame.frame(seq, _encode({"type": kind, **fields}))


def _end(seq: int, metadata: dict[str, Any], last: bytes) -> bytes:
    """End without ``finish``: what it would have carried goes before, since nothing is read after an error."""
    return sse_frame.frames(seq, [_chunk("message-metadata", messageMetadata=metadata), last]) + sse_frame.DONE


_WRITERS: Final[dict[type, Callable[..., bytes]]] = {
    e.RunStarted: _Encoder.on_run_started,
    e.StepStarted: _Encoder.on_step_started,
    e.StepFinished: _Encoder.on_step_finished,
    e.StepReset: _Encoder.on_step_reset,
    e.TextStarted: _Encoder.on_text_started,
    e.TextDelta: _Encoder.on_text_delta,
    e.TextEnded: _Encoder.on_text_ended,
    e.ReasoningStarted: _Encoder.on_reasoning_started,
    e.ReasoningDelta: _Encoder.on_reasoning_delta,
    e.ReasoningEnded: _Encoder.on_reasoning_ended,
    e.RefusalStarted: _Encoder.on_text_started,
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
    e.RunFinished: _Encoder.on_run_finished,
    e.RunFailed: _Encoder.on_run_failed,
    e.RunStopped: _Encoder.on_run_stopped,
    e.RunInterrupted: _Encoder.on_run_interrupted,
}
"""One writer per event; a test holds this table to the union."""


DIALECT: Final = Dialect(
    name="ui-message-stream",
    media_type=sse_frame.MEDIA_TYPE,
    open=_Encoder,
    decode=request_body.decode,
    recognise=ui_body.recognise,
    headers=(("x-vercel-ai-ui-message-stream", "v1"),),
    accepts=(sse_frame.MEDIA_TYPE,),
)
