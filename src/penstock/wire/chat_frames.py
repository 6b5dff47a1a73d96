"""The frames of the AI SDK's ``WebSocketChatTransport`` (package ``ai`` from 7.0.135 on), both directions.

One connection carries many requests, told apart by the ``requestId`` that the client chose. ``send`` and ``resume``
are answered by ``start``, numbered ``chunk`` frames and ``end``; by ``no-active``; or by ``error``. The client counts
chunks from 0 in each request and tears the connection down at a gap, so a resume numbers the whole answer anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

import msgspec
from msgspec import Struct

from penstock.core.errors import CallerError, PenstockError
from penstock.core.events import Json
from penstock.core.log import Batch
from penstock.core.requests import ChatRequest
from penstock.wire import ui_body
from penstock.wire.dialect import StreamContext
from penstock.wire.fields import Fields, complain
from penstock.wire.outcome import without_none
from penstock.wire.request_options import read_conversation_id
from penstock.wire.ui_chunks import SINCE_SOCKETS, chunk_writer

_TYPES: Final = ("send", "resume", "abort")
_MAX_SEQUENCE: Final = 2**53 - 1
_encode = msgspec.json.Encoder().encode


class Send(Struct, frozen=True, kw_only=True):
    """A new message, or a regeneration."""

    request_id: str
    request: ChatRequest
    switches: Mapping[str, str] = {}
    """Parameters of the answer that stand in the request's body."""


class Resume(Struct, frozen=True, kw_only=True):
    """Follow what the conversation answers now; chunks up to ``last_sequence`` were seen."""

    request_id: str
    conversation_id: str
    last_sequence: int = -1


class Abort(Struct, frozen=True, kw_only=True):
    """Follow no longer; with ``is_stop`` stop the run, which is then followed to its end."""

    request_id: str
    is_stop: bool


class Unreadable(Struct, frozen=True, kw_only=True):
    """A frame at fault: what to answer, and to which request, ``""`` when it names none."""

    request_id: str
    error: CallerError


Frame = Send | Resume | Abort | Unreadable


def read_frame(frame: str | bytes) -> Frame:
    """Read one frame of the client."""
    request_id = ""
    try:
        fields = Fields(_parse(frame))
        request_id = fields.required_name("requestId")
        return _read(fields, request_id)
    except CallerError as error:
        return Unreadable(request_id=request_id, error=error)


def _parse(frame: str | bytes) -> Mapping[str, Json]:
    try:
        value: Json = msgspec.json.decode(frame)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        value = None
    if not isinstance(value, dict):
        message = "A frame must be a JSON object."
        raise CallerError(message, code="invalid_json")
    return cast("dict[str, Json]", value)


def _read(fields: Fields, request_id: str) -> Frame:
    match fields.choice("type", _TYPES):
        case "send":
            body = _merge_body(fields)
            return Send(request_id=request_id, request=ui_body.decode(body), switches=ui_body.read_switches(body))
        case "resume":
            conversation_id = read_conversation_id(fields, "id")
            if conversation_id is None:
                raise complain(fields.path("id"), "is missing")
            last_sequence = fields.integer("lastSequence", low=0, high=_MAX_SEQUENCE)
            return Resume(
                request_id=request_id,
                conversation_id=conversation_id,
                last_sequence=-1 if last_sequence is None else last_sequence,
            )
        case "abort":
            return Abort(request_id=request_id, is_stop=fields.flag("stop") is True)
        case _:
            raise complain(fields.path("type"), "is missing")


def _merge_body(fields: Fields) -> dict[str, Json]:
    """Give the body that the SDK's HTTP transport would have sent: what the page adds, then what the SDK says."""
    body = fields.get("body")
    if body is not None and not isinstance(body, dict):
        raise complain(fields.path("body"), "must be a JSON object")
    names = ("id", "messages", "trigger", "messageId")
    return {**cast("dict[str, Json]", body or {}), **{name: fields.get(name) for name in names if fields.has(name)}}


class ChunkFrames:
    """Writes the chunks of one answer as frames; fed every batch from offset 0 in order."""

    def __init__(self, request_id: str, context: StreamContext, *, last_sequence: int = -1) -> None:
        """Give no frame for a chunk up to ``last_sequence``."""
        self._head = b'{"type":"chunk","requestId":%b,"sequence":' % _encode(request_id)
        self._last_sequence = last_sequence
        self._sequence = 0
        self._write = chunk_writer(context, default=SINCE_SOCKETS)

    def __repr__(self) -> str:
        """Show how far it is."""
        return f"ChunkFrames(sequence={self._sequence}, last_sequence={self._last_sequence})"

    def encode(self, batch: Batch) -> list[str]:
        """Give the frames of this batch, possibly none."""
        frames: list[str] = []
        for event in batch.events:
            for chunk in self._write(event):
                if self._sequence > self._last_sequence:
                    frames.append((b'%b%d,"chunk":%b}' % (self._head, self._sequence, chunk)).decode())
                self._sequence += 1
        return frames


def write_start(request_id: str) -> str:
    """Say that chunks follow."""
    return _write("start", request_id)


def write_end(request_id: str) -> str:
    """Say that no chunk follows."""
    return _write("end", request_id)


def write_no_active(request_id: str) -> str:
    """Say that there is nothing to resume."""
    return _write("no-active", request_id)


def write_error(request_id: str, error: PenstockError) -> str:
    """Say what is wrong; clients read ``errorText``, programs ``code`` and ``field``."""
    field = error.field if isinstance(error, CallerError) else None
    return _write("error", request_id, errorText=error.message, code=error.code, **without_none(field=field))


def _write(kind: str, request_id: str, **fields: object) -> str:
    return _encode({"type": kind, "requestId": request_id, **fields}).decode()
