"""aiohttp's connection, relieved of the bodies that stream.

aiohttp reads every chunk of a chunked answer by three calls in Python and wakes its reader through two more. Here it
connects, sends, and reads the head; the chunks of the body are taken off before it sees them, in one go per read of the
socket. When the last chunk came it is told so, and gives the connection back to its pool as after any answer.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final

from aiohttp.client_proto import ResponseHandler

from penstock.providers.chunked import ChunkedReader

HIGH_WATER_BYTES: Final = 256 * 1024
"""A body that waits to be read holds the socket from this size on."""

_HEAD_END: Final = b"\r\n\r\n"
_HEAD_BYTES: Final = 64 * 1024
_LAST_CHUNK: Final = b"0\r\n\r\n"
_INTERIM: Final = re.compile(rb"HTTP/1\.1 1\d\d")
_IS_STREAMED: Final = re.compile(
    rb"HTTP/1\.1 200.*\r\ntransfer-encoding:[ \t]*chunked\s*\r\n", re.DOTALL | re.IGNORECASE
)

_IS_ENCODED: Final = re.compile(rb"(?i)\r\ncontent-encoding:")


class StreamedBody:
    """The body of one answer: what has arrived of it, and who waits for more."""

    __slots__ = ("_pieces", "_receiver", "_waiter", "has_ended", "size_bytes")

    def __init__(self, receiver: BodyReceiver) -> None:
        """Start empty."""
        self._receiver: BodyReceiver | None = receiver
        self._pieces: list[bytes] = []
        self.size_bytes = 0
        self._waiter: asyncio.Future[None] | None = None
        self.has_ended = False
        """Whether nothing more comes, for whatever reason."""

    def __repr__(self) -> str:
        """Show how much waits."""
        return f"StreamedBody(size_bytes={self.size_bytes}, has_ended={self.has_ended})"

    def put(self, data: bytes) -> None:
        """Add what has arrived."""
        self._pieces.append(data)
        self.size_bytes += len(data)
        if self.size_bytes > HIGH_WATER_BYTES and self._receiver is not None:
            self._receiver.hold()
        self._wake()

    def end(self) -> None:
        """Say that nothing more comes."""
        self.has_ended = True
        self._receiver = None
        self._wake()

    async def read(self) -> bytes:
        """Give what has arrived, or wait for it; empty at the end, whether clean or cut."""
        while not self._pieces:
            if self.has_ended:
                return b""
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        if self.size_bytes > HIGH_WATER_BYTES and self._receiver is not None:
            self._receiver.release()
        self.size_bytes = 0
        return data

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class BodyReceiver(ResponseHandler):
    """One connection; the bodies of its answers come one after the other."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start before the first request."""
        super().__init__(loop)
        self.body: StreamedBody | None = None
        """The body of the present answer; None when aiohttp reads it."""
        self._chunks: ChunkedReader | None = None
        self._head: bytes | None = None

    def __repr__(self) -> str:
        """Show what is received."""
        return f"BodyReceiver(body={self.body!r})"

    def set_response_params(self, **params: Any) -> None:
        """Expect the head of an answer: aiohttp calls this before it sends the request."""
        self.body = None
        self._head = b""
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        """Take what the socket gave."""
        if self._chunks is not None:
            self._take(self._chunks, data)
        elif self._head is None:
            super().data_received(data)
        else:
            self._take_head(self._head + data, len(self._head))

    def connection_lost(self, exc: BaseException | None) -> None:
        """Tell who reads."""
        self._end_body()
        super().connection_lost(exc)

    def hold(self) -> None:
        """Read no more from the socket until `release`."""
        if self.transport is not None:
            self.transport.pause_reading()

    def release(self) -> None:
        """Read on."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()

    def _take_head(self, head: bytes, seen: int) -> None:
        end = head.find(_HEAD_END)
        if end < 0:
            self._head = head if len(head) <= _HEAD_BYTES else None
            super().data_received(head[seen:])
            return
        end += len(_HEAD_END)
        head, rest = head[:end], head[end:]
        self._head = b"" if _INTERIM.match(head) else None
        if _IS_STREAMED.match(head) and not _IS_ENCODED.search(head):
            self._chunks = ChunkedReader()
            self.body = StreamedBody(self)
        super().data_received(head[seen:])
        if rest:
            self.data_received(rest)

    def _take(self, chunks: ChunkedReader, data: bytes) -> None:
        taken = chunks.feed(data)
        if taken and self.body is not None:
            self.body.put(taken)
        if chunks.is_broken:
            self._end_body()
            if self.transport is not None:
                self.transport.abort()
        elif chunks.has_ended:
            self.release()
            self._end_body()
            super().data_received(_LAST_CHUNK + chunks.rest)

    def _end_body(self) -> None:
        self._chunks = None
        if self.body is not None:
            self.body.end()
