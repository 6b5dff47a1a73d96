"""The server process: uvicorn with our connections and our own drain.

uvicorn waits at shutdown for every open answer, and streams do not end by themselves. Here the runs are drained first,
their followers get the terminal, and what is still open then is closed.
"""

from __future__ import annotations

import gc
import logging
import os
import socket
import threading
from collections.abc import Callable
from types import FrameType
from typing import Final

import uvicorn

from penstock.server.app import Application
from penstock.server.connection import Connection, connection_class
from penstock.server.socket_connection import socket_class

_ALLOCATIONS_PER_COLLECTION: Final = 20_000
_UVICORN_GRACE_S: Final = 1
_SIGNAL_EXIT: Final = 128
_END_S: Final = 8.0
"""After this the process ends whatever hangs: a database or a disk that does not answer must not keep it.

More than the sum of the graces, which a busy machine stretches; less than the 10 s after which containers are killed.
"""


class Server(uvicorn.Server):
    """One server; a first signal drains, a second ends the process at once."""

    def __init__(self, config: uvicorn.Config, application: Application, on_started: Callable[[], None]) -> None:
        """Serve the application, which is open; ``on_started`` is called once connections and signals are taken."""
        super().__init__(config)
        self._application = application
        self._on_started = on_started

    def __repr__(self) -> str:
        """Show the state."""
        return f"Server(started={self.started}, should_exit={self.should_exit})"

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain; at the second signal end the process. The log is durable, so the next start loses nothing."""
        if self.should_exit:
            os._exit(_SIGNAL_EXIT + sig)
        super().handle_exit(sig, frame)
        _end_by_force(_END_S)
        # uvicorn would raise the signal again after a clean end; an orderly shutdown is exit code 0.
        self._captured_signals.clear()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so: who waits for that may send a signal from then on."""
        await super().startup(sockets)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, break what is still open, and let uvicorn end."""
        for server in self.servers:
            server.close()
        await self._application.drain()
        for connection in tuple(self.server_state.connections):
            if isinstance(connection, Connection):  # uvicorn closes WebSockets itself, in the words that they have
                connection.close_at_once()
        await super().shutdown(sockets)


def make_server(application: Application, on_started: Callable[[], None] = lambda: None) -> Server:
    """Configure uvicorn for the application, whose lifespan is the caller's."""
    settings = application.settings
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    config = uvicorn.Config(
        application,
        loop="none",
        http=connection_class(
            header_deadline_s=settings.header_deadline_s,
            write_deadline_s=settings.write_deadline_s,
            most_per_address=settings.max_connections_per_address,
        ),
        ws=socket_class(write_deadline_s=settings.write_deadline_s),
        ws_max_size=settings.body_limit_bytes,
        ws_ping_interval=settings.heartbeat_s,
        ws_ping_timeout=settings.write_deadline_s,
        ws_per_message_deflate=False,
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=settings.backlog,
        timeout_keep_alive=settings.keep_alive_s,
        timeout_graceful_shutdown=_UVICORN_GRACE_S,
    )
    return Server(config, application, on_started)


def calm_collector() -> None:
    """Leave what is there now out of all collections, and collect less often: next to nothing here makes cycles.

    For a process that only serves, once it has started. Collections took an eighth of the token path's time. The whole
    is collected once in some thousand runs: what a request leaves in cycles is about a kilobyte, and it adds up.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS_PER_COLLECTION, 10, 5)


def _end_by_force(after_s: float) -> None:
    timer = threading.Timer(after_s, os._exit, (1,))
    timer.daemon = True
    timer.start()
