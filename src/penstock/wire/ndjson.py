"""The ``ndjson`` wire: lines of Microsoft's AI Chat Protocol, ``{"delta": {role | content | context}, "context"?}``.

What the protocol has no field for stands in ``delta.context``, one key a line, with the names of the ``sse`` wire;
readers pass over it. Every line has a ``delta``, since readers look into it unasked, but for the error's: there the
mere key ``error`` makes the client throw, so that it stands alone, as an object ``{code, message}``, or as a sentence
where the request spoke of ``session_state`` (see ``session.py``). The line that ends the answer, or stands before the
error's, has all about the ending in its ``context``.
"""

from __future__ import annotations

from typing import Any, Final

from penstock.core import events as e
from penstock.core.log import Batch
from penstock.wire import lines, request_body, session
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
from penstock.wire.whole_document import Document
from penstock.wire.writer_table import PART_BOUNDS, make_table

_ROLE: Final = {"role": "assistant"}


class _Encoder:
    status: int = 200
    must_cut: bool = False

    def __init__(self, context: StreamContext) -> None:
        self._account = Account(context)
        self._is_demo = session.is_demo(context)
        self._state = session.give_back(context)
        self._findings = session.Findings()
        self._has_news = False

    def encode(self, batch: Batch) -> bytes:
        """Give the lines of every event that this wire has a word for."""
        return b"".join([_WRITERS[type(event)](self, event) for event in batch.events])

    def on_run_started(self, event: e.RunStarted) -> bytes:
        del event
        return self._tell_findings() if self._is_demo else lines.line(delta=_ROLE, **self._state)

    def on_step_started(self, event: e.StepStarted) -> bytes:
        self._account.start_step(event)
        self._findings.start_step()
        return b""

    def on_step_reset(self, event: e.StepReset) -> bytes:
        del event
        self._account.reset_step()
        self._has_news = (self._findings.reset_step() and self._is_demo) or self._has_news
        return b""

    def on_text_delta(self, event: e.TextDelta) -> bytes:
        if not event.text:
            return b""
        self._account.has_words = True
        line = b'{"delta":{"content":%b}}\n' % lines.encode(event.text)
        return self._tell_news() + line if self._has_news else line

    def on_reasoning_delta(self, event: e.ReasoningDelta) -> bytes:
        if not event.text:
            return b""
        self._account.has_words = True
        return b'{"delta":{"context":{"reasoning":%b}}}\n' % lines.encode(event.text)

    def on_refusal_delta(self, event: e.RefusalDelta) -> bytes:
        if not event.text:
            return b""
        self._account.has_words = True
        return lines.line(delta={"content": event.text, "context": {"refusal": event.text}})

    def on_tool_call(self, event: e.ToolCallReady | e.ToolCallInvalid) -> bytes:
        self._account.has_words = True
        return _mention(tool_call=describe_call(event))

    def on_tool_result(self, event: e.ToolResult) -> bytes:
        return _mention(tool_result=describe_result(event))

    def on_source(self, event: e.Source) -> bytes:
        self._note(event)
        return _mention(source=describe_source(event))

    def on_progress(self, event: e.Progress) -> bytes:
        self._note(event)
        return _mention(progress=describe_progress(event))

    def on_data(self, event: e.Data) -> bytes:
        self._note(event)
        return _mention(data=describe_data(event))

    def on_content_filter(self, event: e.ContentFilter) -> bytes:
        return _mention(filter=describe_filter(event)) if is_notable(event) else b""

    def on_usage(self, event: e.Usage) -> bytes:
        self._account.usage = event
        return b""

    def on_terminal(self, event: e.Terminal) -> bytes:
        summary = self._account.summarise(self._account.judge(event))
        error, code = summary.pop("error", None), summary.get("code")
        ending = lines.line(delta={}, context=summary, **self._state)
        if error is not None:
            ending += lines.line(error=error if self._is_demo else {"code": code, "message": error})
        return self._tell_news() + ending

    def _note(self, event: e.Source | e.Progress | e.Data) -> None:
        self._has_news = (self._findings.feed(event) and self._is_demo) or self._has_news

    def _tell_news(self) -> bytes:
        """Give what was found since it was last told: before the words that may cite it, not once a finding."""
        if not self._has_news:
            return b""
        self._has_news = False
        return self._tell_findings()

    def _tell_findings(self) -> bytes:
        return lines.line(delta=_ROLE, context=self._findings.describe(), **self._state)


def _mention(**fields: object) -> bytes:
    return lines.line(delta={"context": fields})


_WRITERS: Final = make_table(
    {
        e.RunStarted: _Encoder.on_run_started,
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
    silent=(e.StepFinished, PART_BOUNDS, e.ToolCallStarted, e.ToolCallDelta),
    nothing=b"",
)


class _WholeEncoder:
    """The same answer as one document: ``message``, and what else its clients look for in it."""

    must_cut: bool = False

    def __init__(self, context: StreamContext) -> None:
        self._document = Document(context)
        self._is_demo = session.is_demo(context)
        self._state = session.give_back(context)

    @property
    def status(self) -> int:
        return self._document.status

    def encode(self, batch: Batch) -> bytes:
        """Give nothing before the terminal, and the whole object with it."""
        documents = [self._document.feed(event) for event in batch.events]
        return b"".join([lines.encode(self._dress(document)) for document in documents if document is not None])

    def _dress(self, document: dict[str, Any]) -> dict[str, Any]:
        """Add the context, the state, and the error, at which its clients throw whatever the status."""
        message = document["message"]
        message["content"] = message["content"] or message.get("refusal", "")
        context = {"context": session.describe_findings(self._document.folded)} if self._is_demo else {}
        if document["finish_reason"] is not None:
            return {**document, **context, **self._state}
        error = {"code": document["code"], "message": document["detail"]}
        return {**document, **context, **self._state, "error": error["message"] if self._is_demo else error}


_WHOLE: Final = Dialect(
    name="ndjson-whole",
    media_type="application/json",
    open=_WholeEncoder,
    decode=request_body.decode,
    recognise=session.is_session,
    heartbeat=b"",
    is_whole=True,
    accepts=("application/json",),
    read_switches=session.read_switches,
)

DIALECT: Final = Dialect(
    name="ndjson",
    media_type=lines.MEDIA_TYPE,
    open=_Encoder,
    decode=request_body.decode,
    recognise=session.is_session,
    heartbeat=lines.HEARTBEAT,
    accepts=lines.MEDIA_TYPES,
    whole=_WHOLE,
    is_whole_when_bare=True,
    read_switches=session.read_switches,
)
