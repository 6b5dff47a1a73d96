"""One client's WebSocket: uvicorn's protocol with the write deadline that it lacks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from penstock.server.output_watch import DROPPED, OutputWatch


class SocketConnection(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket; a peer that does not read is aborted, and the route then sees an ordinary disconnect."""

    write_deadline_s: ClassVar[float] = 30.0

    on_lost: Callable[[], None] | None = None
    """Called when the connection is gone: whoever accepted it counts it as long as it lives."""
    _output: OutputWatch

    def __repr__(self) -> str:
        """Show the client and how much waits for it."""
        return f"SocketConnection(client={self.client}, output={self._output!r})"

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - a listener makes no other kind
        """Take over the transport of the HTTP connection that was upgraded."""
        super().connection_made(transport)
        self._output = OutputWatch(transport, deadline_s=self.write_deadline_s, on_stuck=self._note_dropped)

    def connection_lost(self, exc: Exception | None) -> None:
        """Watch no longer."""
        if self.on_lost is not None:
            self.on_lost()
        self._output.cancel()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Watch the reader from now on: it lags."""
        super().pause_writing()
        self._output.start()

    def resume_writing(self) -> None:
        """Watch no longer: the reader has caught up."""
        self._output.cancel()
        super().resume_writing()

    def keepalive_timeout(self) -> None:
        """Close towards a peer that answers no ping, and do not wait for it to read what is left."""
        super().keepalive_timeout()
        self._output.start()

    def shutdown(self) -> None:
        """Say that the server restarts, unless the end was said already, and close."""
        if self.conn.state in {State.CLOSING, State.CLOSED}:
            self.transport.close()
        else:
            super().shutdown()
        self._output.start()

    def _note_dropped(self) -> None:
        self.scope[DROPPED] = True  # pyright: ignore[reportGeneralTypeIssues] - a scope is an open mapping


def socket_class(*, write_deadline_s: float) -> type[SocketConnection]:
    """Give the protocol class with this deadline; uvicorn makes the instances itself."""
    return type("SocketConnection", (SocketConnection,), {"write_deadline_s": write_deadline_s})
