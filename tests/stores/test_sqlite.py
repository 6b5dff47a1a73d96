"""What the SQLite store does beyond the contract."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from penstock.core.errors import StoreError
from penstock.stores.sqlite import SqliteStore, open_sqlite_store
from support.store_samples import TickingClock, make_beginning


async def test_closing_leaves_the_database_in_one_file(store: SqliteStore, path: Path):
    await store.begin(make_beginning())
    await store.close()
    assert {file.name for file in path.parent.iterdir()} == {"penstock.db", "penstock.db.lock"}
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (1,)


async def test_an_url_names_the_file(path: Path):
    opened = await open_sqlite_store(f"sqlite:///{path}", clock=TickingClock())
    await opened.close()
    assert await asyncio.to_thread(path.exists)


@pytest.mark.parametrize("url", ["", "nonsense", "sqlite://", "sqlite:///:memory:", "postgresql://host/db"])
async def test_another_url_is_refused(url: str):
    with pytest.raises(StoreError, match="sqlite:///path"):
        await open_sqlite_store(url, clock=TickingClock())


async def test_a_schema_changed_behind_our_back_fails_the_check(
    store: SqliteStore, perform: Callable[[str], Awaitable[None]]
):
    await perform("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError) as refused:
        await store.check()
    assert refused.value.code == "store_schema"
