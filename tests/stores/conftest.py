"""A store on a file of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from penstock.stores.sqlite import SqliteStore
from support.store_samples import TickingClock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "penstock.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    opened = await SqliteStore.open(path, clock=TickingClock())
    yield opened
    await opened.close()


@pytest.fixture
def perform(store: SqliteStore) -> Callable[[str], Awaitable[None]]:
    """Run a statement on the connection that writes."""

    async def run(statement: str) -> None:
        await store._write(lambda connection: connection.execute(text(statement)) and None)

    return run
