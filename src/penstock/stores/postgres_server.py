"""The way to a PostgreSQL server: its URL, and connections made from it. Nothing here knows what the tables mean."""

from __future__ import annotations

import ssl
from typing import Any, Final, TypeAlias
from urllib.parse import SplitResult, urlsplit, urlunsplit

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from penstock.core.errors import StoreError

_SCHEMES: Final = frozenset({"postgresql", "postgres", "postgresql+asyncpg"})
_CONNECT_S: Final = 5.0
_COMMAND_S: Final = 15.0
_POOL_WAIT_S: Final = 10.0
_OLDEST: Final = (13, 0)

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class PostgresServer:
    """Connects to one database. Its URL has a password, so that it is shown and logged as `place` alone."""

    def __init__(self, url: str) -> None:
        """Read the URL (``postgresql://user:password@host:port/name?sslmode=...``); nothing is connected yet."""
        parts = _split(url)
        self._dsn = urlunsplit(parts._replace(scheme="postgresql"))
        self.place = f"{parts.netloc.rpartition('@')[2] or 'localhost'}{parts.path}"

    def __repr__(self) -> str:
        """Show where it is, and no secret."""
        return f"PostgresServer({self.place!r})"

    async def connect(self, **settings: str) -> Connection:
        """Open a connection of its own."""
        try:
            connection = await asyncpg.connect(
                self._dsn,
                timeout=_CONNECT_S,
                command_timeout=_COMMAND_S,
                server_settings={"application_name": "penstock", **settings},
            )
        except (ValueError, ssl.SSLError) as error:
            message = f"The database at {self.place} cannot be reached by this PENSTOCK_DATABASE_URL: {error}."
            raise StoreError(message, is_retryable=False) from error
        if connection.get_server_version() < _OLDEST:
            await connection.close()
            message = f"The database at {self.place} is too old: Penstock needs PostgreSQL {_OLDEST[0]} or newer."
            raise StoreError(message, code="store_unsupported", is_retryable=False)
        return connection

    def make_engine(self, *, size: int) -> AsyncEngine:
        """Give an engine with at most so many connections."""

        async def connect() -> Any:
            return await self.connect()

        return create_async_engine(
            "postgresql+asyncpg://",
            async_creator=connect,
            poolclass=AsyncAdaptedQueuePool,
            pool_size=size,
            max_overflow=0,
            pool_timeout=_POOL_WAIT_S,
            # The connection that was used last has its statements prepared.
            pool_use_lifo=True,
        )


def is_postgres_url(url: str) -> bool:
    """Whether the URL names a PostgreSQL database."""
    return url.partition(":")[0] in _SCHEMES


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        message = "PENSTOCK_DATABASE_URL is not a URL: write postgresql://user:password@host:port/name."
        raise StoreError(message, is_retryable=False) from error
    return parts
