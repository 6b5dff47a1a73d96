"""The stores that the contract suite runs on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from penstock.core.ports import Store
from penstock.stores.sqlite import SqliteStore
from support.store_samples import TickingClock


async def open_sqlite(folder: Path) -> Store:
    return await SqliteStore.open(folder / "penstock.db", clock=TickingClock())


STORES: dict[str, Callable[[Path], Awaitable[Store]]] = {"sqlite": open_sqlite}
"""A new database joins the suite by one line here; opened again in the same folder it finds what it kept."""


@pytest.fixture(params=STORES.values(), ids=STORES.keys())
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Awaitable[Store]]:
    return lambda: request.param(tmp_path)


@pytest.fixture
async def store(open_store: Callable[[], Awaitable[Store]]) -> AsyncIterator[Store]:
    opened = await open_store()
    yield opened
    await opened.close()
