"""One client connection: uvicorn's protocol with the deadlines that it lacks.

uvicorn waits for ever for a head that does not come and for a reader that does not read. Here a head has a deadline
and a size, a body may not pause for longer than that, and a connection whose output does not move for the write
deadline is aborted: the route then sees an ordinary disconnect, and everything that was held for the reader is freed.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from penstock.server.output_watch import DROPPED, OutputWatch
from penstock.server.socket_connection import SocketConnection

CLOSE: Final = "penstock.close"
"""Key of the scope under which a function is found that sends what is buffered and breaks the connection."""

OUTLET: Final = "penstock.outlet"
"""Key of the scope under which an `Outlet` is found."""

_BUFFER_BYTES: Final = 4 * 1024
"""What a reader that lags may hold here, beside the piece that is being sent; the kernel holds more. Above the size of
a token, so that what is written in one turn of the loop leaves by one call."""
_HEAD_LIMIT_BYTES: Final = 64 * 1024
_REFUSAL: Final = (
    b"HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/problem+json\r\nRetry-After: 1\r\n"
    b"Content-Length: 122\r\nConnection: close\r\n\r\n"
    b'{"type":"about:blank","title":"Too Many Requests","status":429,"code":"too_many_connections",'
    b'"detail":"Close some first."}'
)


class Outlet:
    """The way to the reader of a streaming answer, for who writes without a task, and encodes nothing in vain."""

    def __init__(self, cycle: RequestResponseCycle) -> None:
        """Stand beside ``send`` of the same answer."""
        self._cycle = cycle

    def __repr__(self) -> str:
        """Show whether the reader keeps up."""
        return f"Outlet(is_ready={self.is_ready})"

    @property
    def is_ready(self) -> bool:
        """Whether the answer has begun and is chunked, and its reader keeps up and is there."""
        cycle = self._cycle
        is_over = cycle.disconnected or cycle.response_complete
        return not (is_over or cycle.flow.write_paused) and bool(cycle.chunked_encoding)

    def write(self, body: bytes) -> None:
        """Write a piece of the body, when it `is_ready`."""
        self._cycle.transport.write(b"%x\r\n%b\r\n" % (len(body), body))

    async def drain(self) -> bool:
        """Wait until the reader has taken what was written; False when it has left."""
        await self._cycle.flow.drain()
        return not self._cycle.disconnected


class Connection(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 connection with deadlines."""

    header_deadline_s: ClassVar[float] = 15.0
    write_deadline_s: ClassVar[float] = 30.0
    most_per_address: ClassVar[int] = 0
    by_address: ClassVar[Counter[str]] = Counter()

    _address: str | None = None
    _head_timer: asyncio.TimerHandle | None = None
    _body_timer: asyncio.TimerHandle | None = None
    _has_body_moved: bool = False
    _head_bytes: int = 0
    _output: OutputWatch

    def __repr__(self) -> str:
        """Show the client and how much waits for it."""
        return f"Connection(client={self.client}, output={self._output!r})"

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - as uvicorn narrows it
        """Arm the deadline of the first head; refuse an address that has as many connections as it may."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=_BUFFER_BYTES)
        self._output = OutputWatch(transport, deadline_s=self.write_deadline_s, on_stuck=self._note_dropped)
        self._expect_head()
        if self.most_per_address and self.client is not None:
            self._address = self.client[0]
            self.by_address[self._address] += 1
            if self.by_address[self._address] > self.most_per_address:
                transport.write(_REFUSAL)
                transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Disarm everything."""
        self._release_address()
        self._cancel_head_timer()
        self._cancel_body_timer()
        self._output.cancel()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """Hand the transport over to a `SocketConnection`, which is of the same address as long as it lives."""
        super().handle_websocket_upgrade()
        self._cancel_body_timer()
        self._output.cancel()
        successor = self.transport.get_protocol()
        if isinstance(successor, SocketConnection):  # uvicorn makes no other kind here
            successor.on_lost = self._release_address

    def data_received(self, data: bytes) -> None:
        """Bound the size of a head."""
        super().data_received(data)
        if self._head_timer is not None:
            self._head_bytes += len(data)
            if self._head_bytes > _HEAD_LIMIT_BYTES:
                self.transport.abort()

    def on_message_begin(self) -> None:
        """Offer the route a way to break the connection."""
        super().on_message_begin()
        if self._head_timer is None:
            self._expect_head()
        self.scope[CLOSE] = self.close_unfinished  # pyright: ignore[reportGeneralTypeIssues] - a scope is an open mapping

    def on_headers_complete(self) -> None:
        """Take the head."""
        self._cancel_head_timer()
        self._expect_body()
        super().on_headers_complete()
        self.scope[OUTLET] = Outlet(self.cycle)  # pyright: ignore[reportGeneralTypeIssues] - a scope is an open mapping

    def on_body(self, body: bytes) -> None:
        """Note that the body goes on."""
        self._has_body_moved = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait for no more of the body."""
        self._cancel_body_timer()
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Watch the reader from now on: it lags."""
        super().pause_writing()
        self._output.start()

    def resume_writing(self) -> None:
        """Watch no longer: the reader has caught up."""
        self._output.cancel()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, also when its last answer was never read."""
        super().timeout_keep_alive_handler()
        self._output.start()

    def close_unfinished(self) -> None:
        """Send what is buffered, then close without the chunk that would say that the answer is whole."""
        self.transport.close()
        self._output.start()

    def close_at_once(self) -> None:
        """Give an answer that is whole a moment to leave, and break one that is not."""
        if self.cycle is not None and not self.cycle.response_complete:  # pyright: ignore[reportUnnecessaryComparison] - None before the first request
            self.transport.abort()
        else:
            self.close_unfinished()

    def _expect_head(self) -> None:
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(self.header_deadline_s, self.transport.abort)

    def _cancel_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _expect_body(self) -> None:
        self._has_body_moved = False
        self._body_timer = self.loop.call_later(self.header_deadline_s, self._look_at_body)

    def _look_at_body(self) -> None:
        """Break off a request whose body has paused that long, unless it is the route that reads slowly."""
        if self._has_body_moved or self.flow.read_paused:
            self._expect_body()
        else:
            self.transport.abort()

    def _cancel_body_timer(self) -> None:
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None

    def _release_address(self) -> None:
        if self._address is not None:
            self.by_address[self._address] -= 1
            if not self.by_address[self._address]:
                del self.by_address[self._address]

    def _note_dropped(self) -> None:
        self.scope[DROPPED] = True  # pyright: ignore[reportGeneralTypeIssues] - a scope is an open mapping


def connection_class(
    *, header_deadline_s: float, write_deadline_s: float, most_per_address: int = 0
) -> type[Connection]:
    """Give the protocol class with these bounds; uvicorn makes the instances itself."""
    bounds = {
        "header_deadline_s": header_deadline_s,
        "write_deadline_s": write_deadline_s,
        "most_per_address": most_per_address,
        "by_address": Counter[str](),
    }
    return type("Connection", (Connection,), bounds)
