"""The transport over PostgreSQL alone: NOTIFY on a channel that all instances listen to, and on one for each.

Slower than Redis, and nothing more to run. A notification is no larger than 8,000 bytes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

import asyncpg

from penstock.buses.tasks import end
from penstock.core.errors import PenstockError

ALL: Final = "penstock_all"
INBOX: Final = "penstock_to_"
_PAUSES_S: Final = (0.05, 0.1, 0.2, 0.5)
_WAITING_BYTES: Final = 8 * 1024 * 1024
_CLOSE_S: Final = 0.3
_NOTIFY: Final = "SELECT pg_notify(channel, message) FROM unnest($1::text[], $2::text[]) AS sent(channel, message)"
_FAULTS: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, PenstockError)

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_log = logging.getLogger(__name__)


class PostgresNotify:
    """Implements `buses.peers.Transport`."""

    most_bytes: int | None = 7900

    def __init__(self, connect: Callable[[], Awaitable[Connection]]) -> None:
        """``connect`` opens a connection of our own: it must go to the server itself, not to a pool of transactions."""
        self._connect = connect
        self._connection: Connection | None = None
        self._waiting: list[tuple[str | None, bytes]] = []
        self._waiting_bytes = 0
        self._sending: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        """Show the state."""
        return f"PostgresNotify(is_connected={self.is_connected})"

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection that listens."""
        return self._connection is not None

    async def open(self, address: str, *, hear: Callable[[bytes], None], greet: Callable[[], None]) -> None:
        """Begin to listen; returns after the first attempt to connect."""
        attempted = asyncio.Event()

        def pass_on(_connection: object, _pid: int, _channel: str, payload: object) -> None:
            hear(str(payload).encode())

        async def listen(connection: Connection) -> None:
            for channel in (ALL, INBOX + address):
                await connection.add_listener(channel, pass_on)
            self._connection = connection
            greet()
            attempted.set()

        self._listening = asyncio.create_task(self._listen(listen, attempted), name="postgres listen")
        await attempted.wait()

    def send(self, address: str | None, message: bytes) -> None:
        """Send with whatever else is sent in this iteration of the event loop."""
        if self._connection is None or self._waiting_bytes + len(message) > _WAITING_BYTES:
            return
        self._waiting_bytes += len(message)
        self._waiting.append((address, message))
        if self._sending is None:
            self._sending = asyncio.create_task(self._send_waiting(), name="postgres notify")

    async def close(self) -> None:
        """Leave."""
        if self._sending is not None:
            await asyncio.wait((self._sending,), timeout=_CLOSE_S)
        for task in (self._sending, self._listening):
            if task is not None:
                await end(task)
        self._drop()

    async def _send_waiting(self) -> None:
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, []
                self._waiting_bytes = 0
                await self._notify(waiting)
        finally:
            self._sending = None

    async def _notify(self, waiting: list[tuple[str | None, bytes]]) -> None:
        if self._connection is None:
            return
        channels = [ALL if address is None else INBOX + address for address, _ in waiting]
        try:
            await self._connection.execute(_NOTIFY, channels, [message.decode() for _, message in waiting])
        except _FAULTS as error:
            _log.warning("The database takes no notifications now: %s", type(error).__name__)
            self._drop()

    async def _listen(self, listen: Callable[[Connection], Awaitable[None]], attempted: asyncio.Event) -> None:
        """Keep one connection that listens: a broken one is made anew."""
        failures = 0
        while True:
            try:
                connection = await self._connect()
                failures = 0
                ended = asyncio.Event()
                connection.add_termination_listener(_setter(ended))
                await listen(connection)
                await ended.wait()
            except _FAULTS as error:
                if failures == 0:
                    _log.warning("No notifications from the database: %s", type(error).__name__)
            self._drop()
            attempted.set()
            await asyncio.sleep(_PAUSES_S[min(failures, len(_PAUSES_S) - 1)])
            failures += 1

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


def _setter(event: asyncio.Event) -> Callable[[Any], None]:
    return lambda _connection: event.set()
