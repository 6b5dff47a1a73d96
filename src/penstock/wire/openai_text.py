"""The ``openai-text`` wire: OpenAI's legacy completions, ``text_completion`` objects, streamed or as one document.

Only the answer's words have a place in it, refusals too. Completion is as honest as on the ``openai`` wire: a finish
reason and ``[DONE]`` for a proven end alone, an error object for any other.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from penstock.core import events as e
from penstock.core.events import Json
from penstock.core.log import Batch
from penstock.wire import request_body, sse_frame
from penstock.wire.dialect import Dialect, StreamContext
from penstock.wire.openai_body import read_switches
from penstock.wire.openai_words import (
    RESET,
    completion_id,
    describe_failure,
    describe_finish,
    describe_tokens,
)

_encode = msgspec.json.Encoder().encode


class _Completion:
    """What both forms keep of a log."""

    def __init__(self, context: StreamContext) -> None:
        self.usage: e.Usage | None = None
        self._about: dict[str, Json] = {
            "id": completion_id(context, prefix="cmpl"),
            "object": "text_completion",
            "created": int(context.created_at),
            "model": context.model,
        }

    def name_model(self, event: e.StepStarted) -> None:
        self._about["model"] = event.model or self._about["model"]

    def write(self, text: str, **ending: Json) -> dict[str, Any]:
        choice = {"text": text, "index": 0, "logprobs": None, "finish_reason": None, **ending}
        return self._about | {"choices": [choice]}

    def write_usage(self) -> dict[str, Any]:
        return {} if self.usage is None else {"usage": describe_tokens(self.usage)}


class _ChunkEncoder:
    status: int = 200
    must_cut: bool = False

    def __init__(self, context: StreamContext) -> None:
        self._completion = _Completion(context)
        self._has_usage = context.parameters.get("include_usage") == "1"
        self._has_content = False
        self._is_void = False

    def encode(self, batch: Batch) -> bytes:
        """Give a chunk for each piece of text, and for the end."""
        pieces: list[bytes] = []
        for seq, event in enumerate(batch.events, batch.first_seq):
            if self._is_void:
                break
            payloads = [_encode(value) for value in self._write(event)]
            pieces.append(sse_frame.frames(seq, payloads) if payloads else b"")
            if isinstance(event, e.RunFinished):
                pieces.append(sse_frame.DONE)
        return b"".join(pieces)

    def _write(self, event: e.Event) -> list[dict[str, Any]]:
        match event:
            case e.TextDelta() | e.RefusalDelta() if event.text:
                self._has_content = True
                return [self._completion.write(event.text)]
            case e.StepStarted():
                self._has_content = False
                self._completion.name_model(event)
            case e.StepReset():
                self._is_void = self._has_content
                return [RESET] if self._is_void else []
            case e.Usage():
                self._completion.usage = event
            case e.RunFinished():
                return self._finish(event)
            case e.RunFailed() | e.RunStopped() | e.RunInterrupted():
                return [describe_failure(event)[1]]
            case _:
                pass
        return []

    def _finish(self, event: e.RunFinished) -> list[dict[str, Any]]:
        last = self._completion.write("", **describe_finish(event))
        usage = self._completion.write_usage() if self._has_usage else {}
        return [last, last | {"choices": []} | usage] if usage else [last]


class _WholeEncoder:
    must_cut: bool = False

    def __init__(self, context: StreamContext) -> None:
        self.status = 200
        self._completion = _Completion(context)
        self._pieces: list[str] = []
        self._step_first = 0

    def encode(self, batch: Batch) -> bytes:
        """Give nothing before the terminal, and the whole document with it."""
        document = b""
        for event in batch.events:
            match event:
                case e.TextDelta() | e.RefusalDelta():
                    self._pieces.append(event.text)
                case e.StepStarted():
                    self._step_first = len(self._pieces)
                    self._completion.name_model(event)
                case e.StepReset():
                    del self._pieces[self._step_first :]
                case e.Usage():
                    self._completion.usage = event
                case e.RunFinished():
                    whole = self._completion.write("".join(self._pieces), **describe_finish(event))
                    document = _encode(whole | self._completion.write_usage())
                case e.RunFailed() | e.RunStopped() | e.RunInterrupted():
                    self.status, error = describe_failure(event)
                    document = _encode(error)
                case _:
                    pass
        return document


_WHOLE: Final = Dialect(
    name="openai-text-whole",
    media_type="application/json",
    open=_WholeEncoder,
    decode=request_body.decode,
    heartbeat=b"",
    is_whole=True,
)

DIALECT: Final = Dialect(
    name="openai-text",
    media_type=sse_frame.MEDIA_TYPE,
    open=_ChunkEncoder,
    decode=request_body.decode,
    whole=_WHOLE,
    read_switches=read_switches,
)
