"""The ``responses`` wire: the events of OpenAI's Responses API, a line each, or as Server-Sent Events when asked.

Lines are what Azure's samples read, whose pages look for ``error``, a sentence, and else for ``type`` and ``delta``; as
Server-Sent Events each has its type as ``event:`` too, as OpenAI sends them. ``response.completed`` stands for an
answer that is proven whole; a length or a filter makes it ``response.incomplete``, and so does a stop by the user, with
the status ``cancelled``; all else is ``response.failed``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from penstock.core.events import Json
from penstock.core.log import Batch
from penstock.wire import lines, request_body, responses_body, sse_frame
from penstock.wire.dialect import Dialect, StreamContext
from penstock.wire.json_text import format_json
from penstock.wire.responses_writer import ASKED, CONTEXT, Writer
from penstock.wire.whole_document import status_of


class _LineEncoder:
    status: int = 200
    must_cut: bool = False

    def __init__(self, context: StreamContext) -> None:
        self._writer = Writer(context)

    def encode(self, batch: Batch) -> bytes:
        """Give a line for each event of the response."""
        pieces: list[bytes] = []
        for event in batch.events:
            pieces += [payload + b"\n" for _, payload in self._writer.write(event)]
        return self._add_error(pieces) if batch.is_terminal else b"".join(pieces)

    def _add_error(self, pieces: list[bytes]) -> bytes:
        """Put the error beside the last event, where the samples' pages look for it."""
        _, response = self._writer.ending or (None, {})
        if response.get("error"):
            pieces[-1] = pieces[-1][:-2] + b',"error":%b}\n' % lines.encode(response["error"]["message"])
        return b"".join(pieces)


class _FrameEncoder:
    status: int = 200
    must_cut: bool = False

    def __init__(self, context: StreamContext) -> None:
        self._writer = Writer(context)

    def encode(self, batch: Batch) -> bytes:
        """Give a frame for each event of the response; of those of one event of ours the last is tagged."""
        pieces: list[bytes] = []
        for seq, event in enumerate(batch.events, batch.first_seq):
            written = self._writer.write(event)
            for place, (kind, payload) in enumerate(written, 1):
                tag = b"id: %d\n" % seq if place == len(written) else b""
                pieces.append(b"event: %b\n%bdata: %b\n\n" % (kind.encode(), tag, payload))
        if batch.is_terminal:
            pieces.append(sse_frame.DONE)
        return b"".join(pieces)


class _WholeEncoder:
    must_cut: bool = False

    def __init__(self, context: StreamContext) -> None:
        self.status = 200
        self._writer = Writer(context)
        self._has_context = context.parameters.get(CONTEXT) == "1"
        self._words: list[str] = []

    def encode(self, batch: Batch) -> bytes:
        """Give nothing before the terminal, and the response object with it."""
        for event in batch.events:
            self._writer.write(event)
        if self._writer.ending is None:
            return b""
        terminal, response = self._writer.ending
        self.status = status_of(terminal)
        parts = [part for item in response["output"] for part in item.get("content", ())]
        text = "".join([part["text"] for part in parts if part["type"] == "output_text"])
        context = {"context": self._writer.describe_context()} if self._has_context else {}
        return lines.encode({**response, "output_text": text, **context})


def _read_switches(body: Mapping[str, Json]) -> dict[str, str]:
    has_context = {CONTEXT: "1"} if isinstance(body.get("context"), dict) else {}
    return has_context | {name: format_json(body[name], name) for name in ASKED if body.get(name) is not None}


_WHOLE: Final = Dialect(
    name="responses-whole",
    media_type="application/json",
    open=_WholeEncoder,
    decode=request_body.decode,
    recognise=responses_body.recognise,
    heartbeat=b"",
    is_whole=True,
    accepts=("application/json",),
    read_switches=_read_switches,
)

DIALECT: Final = Dialect(
    name="responses",
    media_type=lines.MEDIA_TYPE,
    open=_LineEncoder,
    decode=request_body.decode,
    recognise=responses_body.recognise,
    heartbeat=lines.HEARTBEAT,
    accepts=lines.MEDIA_TYPES,
    whole=_WHOLE,
    is_whole_when_bare=True,
    read_switches=_read_switches,
)

EVENT_STREAM: Final = Dialect(
    name="responses",
    media_type=sse_frame.MEDIA_TYPE,
    open=_FrameEncoder,
    decode=request_body.decode,
    recognise=responses_body.recognise,
    accepts=(sse_frame.MEDIA_TYPE,),
    whole=_WHOLE,
    is_whole_when_bare=True,
    read_switches=_read_switches,
)
