"""The transport over Redis: one stream that all instances read, and one inbox for each.

Streams are bounded and expire. A Redis that is away, flushed or restarted loses messages and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from penstock.buses.tasks import end
from penstock.core.errors import PenstockError

ALL: Final = "penstock:all"
INBOX: Final = "penstock:to:"
_LENGTH: Final = 4096
"""Entries that a stream keeps, about: what a reader lags more is lost, and read from the journal."""
EXPIRE_S: Final = 60
_READ_ENTRIES: Final = 256
_BLOCK_MS: Final = 2000
_ANSWER_S: Final = 5.0
_PAUSES_S: Final = (0.05, 0.1, 0.2, 0.5)
_WAITING_BYTES: Final = 8 * 1024 * 1024
_CLOSE_S: Final = 0.3

_FAULTS: Final = (RedisError, OSError, TimeoutError)

_log = logging.getLogger(__name__)


class RedisUrlError(PenstockError):
    """PENSTOCK_REDIS_URL can't be read."""

    code = "wrong_setting"


class RedisStreams:
    """Implements `buses.peers.Transport`."""

    most_bytes: int | None = None

    def __init__(self, url: str) -> None:
        """Read the URL; nothing is connected yet."""
        try:
            self._client = _make_client(url)
        except (ValueError, TypeError) as error:
            message = "PENSTOCK_REDIS_URL is not a URL of Redis: write redis://:password@host:6379/0."
            raise RedisUrlError(message) from error
        self._address = ""
        self._inbox = ""
        self._waiting: list[tuple[str | None, bytes]] = []
        self._waiting_bytes = 0
        self._expiries: dict[str, float] = {}
        self._sending: asyncio.Task[None] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._is_reading_well = False
        self._is_sending_well = True

    def __repr__(self) -> str:
        """Show the state, and no secret."""
        return f"RedisStreams(is_connected={self.is_connected})"

    @property
    def is_connected(self) -> bool:
        """Whether the last attempts to read and to write went well."""
        return self._is_reading_well and self._is_sending_well

    async def open(self, address: str, *, hear: Callable[[bytes], None], greet: Callable[[], None]) -> None:
        """Begin to read; returns after the first attempt to connect."""
        self._address = address
        self._inbox = INBOX + address
        attempted = asyncio.Event()
        self._reading = asyncio.create_task(self._read(hear, greet, attempted), name="redis read")
        await attempted.wait()

    def send(self, address: str | None, message: bytes) -> None:
        """Send with whatever else is sent in this iteration of the event loop."""
        if self._waiting_bytes + len(message) > _WAITING_BYTES:
            return
        self._waiting_bytes += len(message)
        self._waiting.append((address, message))
        if self._sending is None:
            self._sending = asyncio.create_task(self._send_waiting(), name="redis send")

    async def close(self) -> None:
        """Leave; the inbox expires."""
        if self._sending is not None:
            await asyncio.wait((self._sending,), timeout=_CLOSE_S)
        for task in (self._sending, self._reading):
            if task is not None:
                await end(task)
        with contextlib.suppress(*_FAULTS):
            await self._client.aclose()

    # --- sending ------------------------------------------------------------------------------------------------------

    async def _send_waiting(self) -> None:
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, []
                self._waiting_bytes = 0
                await self._send_safely(waiting)
        finally:
            self._sending = None

    async def _send_safely(self, waiting: list[tuple[str | None, bytes]]) -> None:
        try:
            await self._send(waiting)
            self._is_sending_well = True
        except _FAULTS as error:
            if self._is_sending_well:
                _log.warning("Redis takes no messages now; followers read the database: %s", type(error).__name__)
            self._is_sending_well = False

    async def _send(self, waiting: list[tuple[str | None, bytes]]) -> None:
        """Add one entry to each stream: the messages are its values, in order."""
        entries: defaultdict[str, dict[int, bytes]] = defaultdict(dict)
        for address, message in waiting:
            entry = entries[ALL if address is None else INBOX + address]
            entry[len(entry)] = message
        async with self._client.pipeline(transaction=False) as pipeline:
            for key, entry in entries.items():
                pipeline.xadd(key, cast("dict[Any, Any]", entry), maxlen=_LENGTH, approximate=True)
                if self._must_expire(key):
                    pipeline.expire(key, EXPIRE_S)
            await pipeline.execute()

    def _must_expire(self, key: str) -> bool:
        """Tell whether to set the key's time to live again: on the first use, and then now and again."""
        now = asyncio.get_running_loop().time()
        if self._expiries.get(key, 0.0) > now:
            return False
        self._expiries = {other: until for other, until in self._expiries.items() if until > now}
        self._expiries[key] = now + EXPIRE_S / 4
        return True

    # --- reading ------------------------------------------------------------------------------------------------------

    async def _read(self, hear: Callable[[bytes], None], greet: Callable[[], None], attempted: asyncio.Event) -> None:
        places: dict[Any, Any] = {}
        failures = 0
        while True:
            try:
                if not self._is_reading_well:
                    places = await self._find_places()
                    # Nothing may be sent for long that would show that sending works again too.
                    self._is_reading_well = self._is_sending_well = True
                    failures = 0
                    greet()
                    attempted.set()
                await self._read_entries(places, hear)
            except _FAULTS as error:
                if failures == 0:
                    _log.warning("Redis is away; followers read the database: %s", type(error).__name__)
                self._is_reading_well = False
                attempted.set()
                await asyncio.sleep(_PAUSES_S[min(failures, len(_PAUSES_S) - 1)])
                failures += 1

    async def _find_places(self) -> dict[Any, Any]:
        """Give where each stream ends now: what was said before is old."""
        places: dict[Any, Any] = {}
        for key in (ALL, self._inbox):
            last = await self._client.xrevrange(key, count=1)
            places[key] = last[0][0] if last else b"0-0"
        return places

    async def _read_entries(self, places: dict[Any, Any], hear: Callable[[bytes], None]) -> None:
        answer = cast(
            "list[tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]]",
            await self._client.xread(places, count=_READ_ENTRIES, block=_BLOCK_MS),
        )
        for key, entries in answer:
            for place, messages in entries:
                places[key.decode()] = place
                for message in messages.values():
                    hear(message)


def _make_client(url: str) -> Redis:
    return Redis.from_url(  # pyright: ignore[reportUnknownMemberType] - its other options have no types
        url,
        protocol=2,
        socket_connect_timeout=_ANSWER_S,
        socket_timeout=_BLOCK_MS / 1000 + _ANSWER_S,
        retry=Retry(NoBackoff(), 0),
        client_name="penstock",
    )
