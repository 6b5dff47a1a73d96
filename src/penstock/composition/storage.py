"""Which store and which bus the settings pick: SQLite and no bus for one process, PostgreSQL and a bus for several."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final

from penstock.buses.local import LocalBus
from penstock.buses.peers import PeerBus
from penstock.buses.postgres import PostgresNotify
from penstock.buses.redis import RedisStreams
from penstock.composition.settings import Settings, SettingsError
from penstock.core.ports import Bus, Clock, Store
from penstock.stores.postgres import PostgresStore
from penstock.stores.postgres_server import PostgresServer, is_postgres_url
from penstock.stores.sqlite import open_sqlite_store

_PATIENCE_S: Final = 15.0
"""Database and server are often started together, and a database that fails over is away for some seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """The record, and what joins instances."""

    store: Store
    bus: Bus
    is_shared: bool
    """Whether other instances may use the same database."""


def is_shared(settings: Settings) -> bool:
    """Whether several processes may use the database."""
    return is_postgres_url(settings.storage_url)


def check_storage(settings: Settings) -> None:
    """Refuse what can't work together; raises `SettingsError`."""
    if is_shared(settings):
        return
    if settings.workers > 1:
        message = (
            "Several workers need PostgreSQL, for an SQLite file has one process that writes: set "
            "PENSTOCK_DATABASE_URL to postgresql://user:password@host/name, or use one worker: it serves thousands."
        )
        raise SettingsError(message)
    if settings.redis_url is not None:
        message = (
            "PENSTOCK_REDIS_URL joins instances that share a PostgreSQL database: set PENSTOCK_DATABASE_URL to one, "
            "or leave it out."
        )
        raise SettingsError(message)


def place_of(settings: Settings) -> str:
    """Name the database, without what is secret in its URL."""
    url = settings.storage_url
    return f"postgresql://{PostgresServer(url).place}" if is_postgres_url(url) else url


async def open_store(settings: Settings, *, clock: Clock, patience_s: float = 0.0) -> Store:
    """Open the database, made or migrated where necessary; raises `StoreError`.

    A database server that is away is waited for, at most ``patience_s``.
    """
    if is_shared(settings):
        return await PostgresStore.open(settings.storage_url, clock=clock, patience_s=patience_s)
    return await open_sqlite_store(settings.storage_url, clock=clock)


@contextlib.asynccontextmanager
async def open_storage(settings: Settings, *, clock: Clock) -> AsyncGenerator[Storage]:
    """Open store and bus, and close them again, the bus first."""
    check_storage(settings)
    store = await open_store(settings, clock=clock, patience_s=_PATIENCE_S)
    try:
        bus = await _open_bus(settings)
        try:
            yield Storage(store=store, bus=bus, is_shared=is_shared(settings))
        finally:
            await bus.close()
    finally:
        await store.close()


async def _open_bus(settings: Settings) -> Bus:
    if not is_shared(settings):
        return LocalBus()
    if settings.redis_url is not None:
        return await PeerBus.open(RedisStreams(settings.redis_url.get_secret_value()))
    server = PostgresServer(settings.storage_url)
    # A notification is no record: its commit need not wait for the disk.
    return await PeerBus.open(PostgresNotify(lambda: server.connect(synchronous_commit="off")))
