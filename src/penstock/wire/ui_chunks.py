"""Events -> UI message chunks of the AI SDK (versions 5, 6, 7), which go out as Server-Sent Events or over a WebSocket.

What a line of versions knows beyond the oldest is its `Grammar`. Clients reject a stream for one unknown type, one null
option or one unknown finish reason, and they take a stream that just ends for a success. So: absent options are left
out, and every answer ends with ``finish``, ``error`` or ``abort``. Shapes: package ``ai``, ``uiMessageChunkSchema``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from penstock.core import events as e
from penstock.wire.account import Account
from penstock.wire.dialect import StreamContext
from penstock.wire.outcome import INTERRUPTIONS, describe_filter, is_notable, without_none
from penstock.wire.sdk_metadata import REASONS, describe_run
from penstock.wire.writer_table import make_table

Chunks = tuple[bytes, ...]

_encode = msgspec.json.Encoder().encode


class Grammar(Struct, frozen=True):
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


SAFE: Final = Grammar()
"""What every version from 5.0.0 on accepts."""
_RECENT: Final = Grammar(has_finish_reason=True, has_input_error=True)
SINCE_SOCKETS: Final = Grammar(has_finish_reason=True, has_input_error=True, has_abort_reason=True, has_reset=True)
"""What every version with a WebSocket transport accepts: from 7.0.135 on."""
_NEWEST: Final = replace(SINCE_SOCKETS, has_interrupted=True)
GRAMMARS: Final = {"5": _RECENT, "6": _RECENT, "7": _NEWEST}
"""``?dialect=`` -> what may be sent; it names the newest version of that line."""


class _Writer:
    def __init__(self, context: StreamContext, default: Grammar) -> None:
        self._context = context
        self._grammar = GRAMMARS.get(context.parameters.get("dialect", ""), default)
        self._account = Account(context)
        self._refusals: dict[str, list[str]] = {}
        self._calls: set[str] = set()
        self._step_calls: set[str] = set()
        self._is_step_reused = False

    def write(self, event: e.Event) -> Chunks:
        return _WRITERS[type(event)](self, event)

    def on_run_started(self, event: e.RunStarted) -> Chunks:
        metadata = without_none(
            runId=event.run_id,
            conversationId=event.conversation_id,
            model=event.model,
            createdAt=round(self._context.created_at * 1000),
        )
        # Without an id the page goes on in the message whose tools' outputs it has just sent.
        named = {} if "continues" in self._context.parameters else {"messageId": event.message_id}
        return _one("start", **named, messageMetadata=metadata)

    def on_step_started(self, event: e.StepStarted) -> Chunks:
        self._account.start_step(event)
        self._step_calls.clear()
        if self._is_step_reused:
            self._is_step_reused = False
            return ()
        return _one("start-step")

    def on_step_finished(self, event: e.StepFinished) -> Chunks:
        del event
        return _one("finish-step")

    def on_step_reset(self, event: e.StepReset) -> Chunks:
        """Empty the page's step, which the next attempt goes on with; without a word for that, it is empty already.

        A reset comes before any content, since nothing is retried that a reader may have seen; if one came after, what
        stays on the page is void, and the answer ends as an error.
        """
        del event
        self._calls -= self._step_calls
        self._is_step_reused = True
        if self._grammar.has_reset:
            return _one("reset-step")
        self._account.reset_step()
        return ()

    def on_text_started(self, event: e.TextStarted | e.RefusalStarted) -> Chunks:
        return _one("text-start", id=event.part_id)

    def on_text_delta(self, event: e.TextDelta) -> Chunks:
        self._account.has_words = True
        return (b'{"type":"text-delta","id":%b,"delta":%b}' % (_encode(event.part_id), _encode(event.text)),)

    def on_text_ended(self, event: e.TextEnded) -> Chunks:
        return _one("text-end", id=event.part_id)

    def on_reasoning_started(self, event: e.ReasoningStarted) -> Chunks:
        return _one("reasoning-start", id=event.part_id)

    def on_reasoning_delta(self, event: e.ReasoningDelta) -> Chunks:
        self._account.has_words = True
        return (b'{"type":"reasoning-delta","id":%b,"delta":%b}' % (_encode(event.part_id), _encode(event.text)),)

    def on_reasoning_ended(self, event: e.ReasoningEnded) -> Chunks:
        signed = {} if event.signature is None else {"providerMetadata": {"penstock": {"signature": event.signature}}}
        return _one("reasoning-end", id=event.part_id, **signed)

    def on_refusal_delta(self, event: e.RefusalDelta) -> Chunks:
        self._account.has_words = True
        self._refusals.setdefault(event.part_id, []).append(event.text)
        return _one("text-delta", id=event.part_id, delta=event.text)

    def on_refusal_ended(self, event: e.RefusalEnded) -> Chunks:
        words = "".join(self._refusals.pop(event.part_id, []))
        ended = _chunk("text-end", id=event.part_id)
        return (ended, _chunk("data-refusal", id=event.part_id, data={"text": words})) if words else (ended,)

    def on_tool_call_started(self, event: e.ToolCallStarted) -> Chunks:
        self._account.has_words = True
        self._calls.add(event.tool_call_id)
        self._step_calls.add(event.tool_call_id)
        return _one("tool-input-start", toolCallId=event.tool_call_id, toolName=event.name)

    def on_tool_call_delta(self, event: e.ToolCallDelta) -> Chunks:
        return _one("tool-input-delta", toolCallId=event.tool_call_id, inputTextDelta=event.arguments)

    def on_tool_call_ready(self, event: e.ToolCallReady) -> Chunks:
        return _one("tool-input-available", toolCallId=event.tool_call_id, toolName=event.name, input=event.input)

    def on_tool_call_invalid(self, event: e.ToolCallInvalid) -> Chunks:
        call: dict[str, Any] = {
            "toolCallId": event.tool_call_id,
            "toolName": event.name,
            "input": event.arguments,
        }
        if self._grammar.has_input_error:
            return _one("tool-input-error", **call, errorText=event.error_text)
        # "Executed by the provider" keeps the page from running its own tool on broken arguments.
        available = _chunk("tool-input-available", **call, providerExecuted=True)
        error = _chunk(
            "tool-output-error", toolCallId=event.tool_call_id, errorText=event.error_text, providerExecuted=True
        )
        return available, error

    def on_tool_result(self, event: e.ToolResult) -> Chunks:
        """Give the result; clients fail on one whose call they have not seen."""
        if event.tool_call_id not in self._calls:
            return ()
        if event.error_text is not None:
            return _one("tool-output-error", toolCallId=event.tool_call_id, errorText=event.error_text)
        return _one("tool-output-available", toolCallId=event.tool_call_id, output=event.output)

    def on_source(self, event: e.Source) -> Chunks:
        if event.kind == "url" and event.url is not None:
            title = without_none(title=event.title)
            return _one("source-url", sourceId=event.source_id, url=event.url, **title)
        return _one(
            "source-document",
            sourceId=event.source_id,
            mediaType=event.media_type or "application/octet-stream",
            title=event.title or event.url or event.source_id,
        )

    def on_progress(self, event: e.Progress) -> Chunks:
        progress = without_none(stage=event.stage, state=event.state, detail=event.detail, durationMs=event.duration_ms)
        return _one("data-progress", data=progress, transient=True)

    def on_data(self, event: e.Data) -> Chunks:
        about = without_none(id=event.data_id, transient=event.transient or None)
        return _one(f"data-{event.name}", data=event.value, **about)

    def on_content_filter(self, event: e.ContentFilter) -> Chunks:
        return _one("data-content-filter", data=describe_filter(event)) if is_notable(event) else ()

    def on_usage(self, event: e.Usage) -> Chunks:
        self._account.usage = event
        return ()

    def on_run_finished(self, event: e.RunFinished) -> Chunks:
        judged = self._account.judge(event)
        if isinstance(judged, e.RunFailed):
            return self.on_run_failed(judged)
        metadata = self._describe(event)
        reason = {"finishReason": REASONS[event.finish_reason]} if self._grammar.has_finish_reason else {}
        return _one("finish", **reason, messageMetadata=metadata)

    def on_run_failed(self, event: e.RunFailed) -> Chunks:
        return _end(self._describe(event), _chunk("error", errorText=event.message))

    def on_run_stopped(self, event: e.RunStopped) -> Chunks:
        metadata = self._describe(event)
        reason = {"reason": event.by} if self._grammar.has_abort_reason else {}
        return _end(metadata, _chunk("abort", **reason))

    def on_run_interrupted(self, event: e.RunInterrupted) -> Chunks:
        metadata = self._describe(event)
        if self._grammar.has_interrupted:
            return _one("finish", finishReason="interrupted", messageMetadata=metadata)
        return _end(metadata, _chunk("error", errorText=INTERRUPTIONS[event.cause][1]))

    def _describe(self, terminal: e.Terminal) -> dict[str, Any]:
        """Give the metadata that goes with the terminal; clients merge it into the message's."""
        return describe_run(terminal, model=self._account.model, usage=self._account.usage)


def _chunk(kind: str, **fields: object) -> bytes:
    return _encode({"type": kind, **fields})


def _one(kind: str, **fields: object) -> Chunks:
    return (_encode({"type": kind, **fields}),)


def _end(metadata: dict[str, Any], last: bytes) -> Chunks:
    """End without ``finish``: what it would have carried goes before, since nothing is read after an error."""
    return _chunk("message-metadata", messageMetadata=metadata), last


_WRITERS: Final = make_table(
    {
        e.RunStarted: _Writer.on_run_started,
        e.StepStarted: _Writer.on_step_started,
        e.StepFinished: _Writer.on_step_finished,
        e.StepReset: _Writer.on_step_reset,
        e.TextStarted | e.RefusalStarted: _Writer.on_text_started,
        e.TextDelta: _Writer.on_text_delta,
        e.TextEnded: _Writer.on_text_ended,
        e.ReasoningStarted: _Writer.on_reasoning_started,
        e.ReasoningDelta: _Writer.on_reasoning_delta,
        e.ReasoningEnded: _Writer.on_reasoning_ended,
        e.RefusalDelta: _Writer.on_refusal_delta,
        e.RefusalEnded: _Writer.on_refusal_ended,
        e.ToolCallStarted: _Writer.on_tool_call_started,
        e.ToolCallDelta: _Writer.on_tool_call_delta,
        e.ToolCallReady: _Writer.on_tool_call_ready,
        e.ToolCallInvalid: _Writer.on_tool_call_invalid,
        e.ToolResult: _Writer.on_tool_result,
        e.Source: _Writer.on_source,
        e.Progress: _Writer.on_progress,
        e.Data: _Writer.on_data,
        e.ContentFilter: _Writer.on_content_filter,
        e.Usage: _Writer.on_usage,
        e.RunFinished: _Writer.on_run_finished,
        e.RunFailed: _Writer.on_run_failed,
        e.RunStopped: _Writer.on_run_stopped,
        e.RunInterrupted: _Writer.on_run_interrupted,
    },
    nothing=(),
)


def chunk_writer(context: StreamContext, *, default: Grammar = SAFE) -> Callable[[e.Event], Chunks]:
    """Open a writer of one answer, to be fed every event in order; it gives each event's chunks as JSON.

    Many events have none, few have two. The parameter ``dialect`` says what may be sent; without one of `GRAMMARS`, the
    ``default`` does.
    """
    return _Writer(context, default).write
