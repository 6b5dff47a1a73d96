"""The stores that the contract suite runs on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from penstock.core.ports import Store
from penstock.stores.postgres import PostgresStore
from penstock.stores.sqlite import SqliteStore
from support.store_samples import TickingClock


def sqlite_opener(request: pytest.FixtureRequest) -> Callable[[], Awaitable[Store]]:
    path = request.getfixturevalue("tmp_path") / "penstock.db"
    return lambda: SqliteStore.open(path, clock=TickingClock())


def postgres_opener(request: pytest.FixtureRequest) -> Callable[[], Awaitable[Store]]:
    url = request.getfixturevalue("postgres_url")
    return lambda: PostgresStore.open(url, clock=TickingClock())


STORES = {"sqlite": sqlite_opener, "postgres": postgres_opener}
"""A new database joins the suite by one line here; opened again it finds what it kept."""


@pytest.fixture(params=STORES.values(), ids=STORES.keys())
def open_store(request: pytest.FixtureRequest) -> Callable[[], Awaitable[Store]]:
    return request.param(request)


@pytest.fixture
async def store(open_store: Callable[[], Awaitable[Store]]) -> AsyncIterator[Store]:
    opened = await open_store()
    yield opened
    await opened.close()
