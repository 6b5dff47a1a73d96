"""Streaming answers: plain ASGI between a run's log and a socket.

What comes while the reader keeps up is written to the socket at the moment it is durable, without a task in between;
when the reader lags, one ``send`` takes all batches that are ready. A disconnect ends the following, never the run.
Heartbeats come from one sweep over all open streams, so that a token costs no timer. The write deadline is the
connection's (``connection.py``).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final, Protocol

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from penstock.core.errors import PenstockError
from penstock.core.log import Batch
from penstock.server.connection import CLOSE, OUTLET
from penstock.server.guards import RAW_SEND, SECURITY_HEADERS
from penstock.server.output_watch import DROPPED
from penstock.server.pieces import cut
from penstock.wire.dialect import Dialect, Encoder

PIECE_BYTES: Final = 8 * 1024
"""A backlog is encoded in pieces of about this size, each when the one before has left: so that a reader that does not
read pins little."""

_LOOK_S: Final = 0.02

_logger = logging.getLogger("penstock.server")


class Followed(Protocol):
    """What a stream needs of a follower of a run's log."""

    @property
    def is_ended(self) -> bool:
        """Whether the terminal was read."""
        ...

    async def read(self) -> list[Batch]:
        """Wait for batches; an empty list after `nudge`."""
        ...

    async def pour(self, take: Callable[[list[Batch]], bool]) -> None:
        """Hand over what comes at the moment it comes, until ``take`` gives False or `read` has something to say."""
        ...

    def nudge(self) -> None:
        """Wake a waiting read."""
        ...

    def forget(self) -> None:
        """Let go of what was read ahead; it is read again when it is wanted."""
        ...

    def close(self) -> None:
        """Follow no longer."""
        ...


class Outlet(Protocol):
    """A way to the reader beside ``send``, where the server has one."""

    @property
    def is_ready(self) -> bool:
        """Whether the reader keeps up, so that `write` may be called."""
        ...

    def write(self, body: bytes) -> None:
        """Write a piece of the body at once, without a task."""
        ...

    async def drain(self) -> bool:
        """Wait until the reader has taken what was written; False when it has left."""
        ...


class OpenStream(Protocol):
    """What `OpenStreams` knows of a stream."""

    @property
    def follower(self) -> Followed:
        """Where it reads."""
        ...

    def keep_alive(self, *, now: float, silent_since: float) -> None:
        """Fill the silence, if nothing was sent since then."""
        ...

    def recycle(self, *, old_since: float) -> None:
        """Ask the reader to come back, if it has read since then."""
        ...


class OpenStreams:
    """All streams that are open, and the one sweep that keeps them alive."""

    def __init__(self, *, heartbeat_s: float, recycle_after_s: float = math.inf) -> None:
        """Send a heartbeat after ``heartbeat_s`` of silence; after ``recycle_after_s``, ask readers to come back."""
        self._heartbeat_s = heartbeat_s
        self._recycle_after_s = recycle_after_s
        self._streams: set[OpenStream] = set()
        self._sweeper: asyncio.Task[None] | None = None
        self.is_draining = False
        self.opened = 0
        self.disconnected = 0
        self.dropped = 0
        self.cut = 0

    def __repr__(self) -> str:
        """Show how many are open."""
        return f"OpenStreams(open={len(self._streams)}, opened={self.opened}, is_draining={self.is_draining})"

    def __len__(self) -> int:
        """Count the open streams."""
        return len(self._streams)

    def start(self) -> None:
        """Begin to sweep."""
        self._sweeper = asyncio.create_task(self._sweep(), name="heartbeats")

    async def close(self) -> None:
        """End all streams and the sweep."""
        self.drain()
        if self._sweeper is not None:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper

    def drain(self) -> None:
        """End every open stream at its next pause, and every later one at once."""
        self.is_draining = True
        for stream in self._streams:
            stream.follower.nudge()

    async def end(self) -> None:
        """Drain, and wait until no stream is open."""
        self.drain()
        while self._streams:
            await asyncio.sleep(_LOOK_S)
            self.drain()

    @contextlib.contextmanager
    def hold(self, stream: OpenStream) -> Generator[None]:
        """Keep the stream in the sweep while it is open."""
        self._streams.add(stream)
        self.opened += 1
        try:
            yield
        finally:
            self._streams.discard(stream)

    async def _sweep(self) -> None:
        interval_s = min(1.0, self._heartbeat_s / 4)
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(interval_s)
            if self.is_draining:
                self.drain()
            silent_since = loop.time() - self._heartbeat_s + interval_s
            old_since = loop.time() - self._recycle_after_s
            for stream in self._streams:
                stream.keep_alive(now=loop.time(), silent_since=silent_since)
                stream.recycle(old_since=old_since)


@dataclass(frozen=True)
class Place:
    """Where in the log a reader begins."""

    after: int = -1
    """Offsets up to this one were seen and are not sent."""
    can_come_back: bool = False
    """Whether the same request with a later offset goes on where the stream ended."""


START: Final = Place()


class StreamingAnswer(Response):
    """One reader of one run, in one dialect."""

    def __init__(
        self,
        *,
        streams: OpenStreams,
        follower: Followed,
        dialect: Dialect,
        encoder: Encoder,
        headers: Sequence[tuple[str, str]],
        place: Place = START,
    ) -> None:
        """Prepare; nothing is read before the answer is called."""
        super().__init__(media_type=None)
        self.follower = follower
        self._streams = streams
        self._dialect = dialect
        self._encoder = encoder
        self._after = place.after
        self._is_connected = True
        self._outlet: Outlet | None = None
        self._unwritten: list[Batch] = []
        self._sends = 0
        self._sends_seen = -1
        self._silent_from = 0.0
        self._come_back = dialect.come_back if place.can_come_back else b""
        self._is_recycled = False
        self._opened = asyncio.get_running_loop().time()
        self.raw_headers = _encode_headers(dialect, headers)

    def __repr__(self) -> str:
        """Show what goes on."""
        return f"StreamingAnswer(wire={self._dialect.name!r}, sends={self._sends}, is_connected={self._is_connected})"

    def keep_alive(self, *, now: float, silent_since: float) -> None:
        """Wake the stream for a heartbeat when nothing was sent since then. Counting sends costs a token no clock.

        Whoever was sent nothing since the last look may be waiting for a reader that does not read.
        """
        if self._sends != self._sends_seen:
            self._sends_seen = self._sends
            self._silent_from = now
            return
        self.follower.forget()
        if self._silent_from <= silent_since:
            self._silent_from = now
            self.follower.nudge()

    def recycle(self, *, old_since: float) -> None:
        """End the stream at its next pause when it is older than that and its reader can come back."""
        if self._come_back and self._opened < old_since:
            self._is_recycled = True
            self.follower.nudge()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the log ends or the reader leaves."""
        raw_send: Send = scope.get(RAW_SEND, send)
        watcher = asyncio.create_task(self._watch(receive))
        try:
            with self._streams.hold(self):
                await raw_send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                self._outlet = scope.get(OUTLET)
                is_whole = await self._relay_safely(raw_send)
            await self._finish(scope, raw_send, watcher, is_whole=is_whole)
        finally:
            self.follower.close()
            watcher.cancel()

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._is_connected = False
        self.follower.close()

    async def _relay_safely(self, send: Send) -> bool:
        try:
            await self._relay(send)
        except PenstockError as error:
            _logger.warning("a stream was cut: %s", error.message)
            return False
        if self._come_back and self._is_connected and not self.follower.is_ended:
            # A clean end in the middle of the log, with the word that there is more.
            await self._send(send, self._come_back)
            return True
        return self.follower.is_ended and not self._encoder.must_cut

    async def _relay(self, send: Send) -> None:
        while await self._relay_live(send) and await self._relay_ready(send):
            pass

    async def _relay_live(self, send: Send) -> bool:
        """Relay what comes while the reader keeps up; False once there is no more to relay."""
        if self._outlet is not None:
            await self.follower.pour(partial(self._write_through, self._outlet))
            unwritten, self._unwritten = self._unwritten, []
            await self._relay_batches(send, unwritten)
        return self._is_connected and not self.follower.is_ended

    async def _relay_ready(self, send: Send) -> bool:
        """Relay a backlog, or fill a silence; False when the stream has to end here."""
        batches = await self.follower.read()
        must_end = self._is_recycled or (self._streams.is_draining and not batches)
        if not batches and not must_end:
            await self._send(send, self._dialect.heartbeat)
        await self._relay_batches(send, batches)
        return self._is_connected and not must_end

    def _write_through(self, outlet: Outlet, batches: Sequence[Batch]) -> bool:
        """Write to the socket at once; what has to wait for a slow reader is kept for the relay."""
        for batch in batches:
            if self._unwritten or not outlet.is_ready:
                self._unwritten.append(batch)
                continue
            piece = self._encode_batch(batch)
            if piece:
                outlet.write(piece)
            self._sends += 1
        return not self._unwritten

    async def _relay_batches(self, send: Send, batches: Sequence[Batch]) -> None:
        """Send a backlog. While a reader does not read, nothing is encoded for it."""
        for group in cut(batches, PIECE_BYTES):
            if self._outlet is not None and not await self._outlet.drain():
                self._is_connected = False
            if not self._is_connected:
                return
            await self._send(send, b"".join([self._encode_batch(batch) for batch in group]))

    async def _send(self, send: Send, body: bytes) -> None:
        if not body:
            return
        self._sends += 1
        await send({"type": "http.response.body", "body": body, "more_body": True})

    def _encode_batch(self, batch: Batch) -> bytes:
        """Encode what was not seen yet; what was seen goes through the encoder too, for its state."""
        if batch.first_seq > self._after:
            return self._encoder.encode(batch)
        rest = batch.after(self._after)
        seen = len(batch.events) - len(rest.events)
        self._encoder.encode(Batch(batch.first_seq, batch.events[:seen], batch.frames[:seen]))
        return self._encoder.encode(rest) if rest.events else b""

    async def _finish(self, scope: Scope, send: Send, watcher: asyncio.Task[None], *, is_whole: bool) -> None:
        if not self._is_connected:
            self._streams.disconnected += 1
            self._streams.dropped += DROPPED in scope
            return
        if is_whole:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        self._streams.cut += 1
        close: Callable[[], None] | None = scope.get(CLOSE)
        if close is None:  # another server: returning unfinished is how it learns to break the connection
            return
        close()
        await watcher


def _encode_headers(dialect: Dialect, headers: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    own = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return [*_encode_shared(dialect.media_type, dialect.headers), *own, *SECURITY_HEADERS]


@lru_cache(maxsize=64)
def _encode_shared(media_type: str, headers: tuple[tuple[str, str], ...]) -> tuple[tuple[bytes, bytes], ...]:
    """Give the fields that every answer of a dialect has."""
    fields = [
        ("content-type", media_type),
        ("cache-control", "no-cache, no-transform"),
        ("x-accel-buffering", "no"),
        *headers,
    ]
    return tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fields)
