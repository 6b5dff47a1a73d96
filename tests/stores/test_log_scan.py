"""One pass over the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from penstock.core.errors import StoreError
from penstock.stores.sqlite import SqliteStore
from support.store_samples import make_beginning


async def test_a_damaged_journal_row_is_an_error_for_its_readers_and_not_a_hang(
    store: SqliteStore, perform: Callable[[str], Awaitable[None]]
):
    await store.begin(make_beginning())
    await perform("UPDATE journal SET payload = substr(payload, 1, 60)")
    with pytest.raises(StoreError):
        await store.read("run_1")


async def test_one_damaged_log_does_not_hurt_the_others(store: SqliteStore, perform: Callable[[str], Awaitable[None]]):
    await store.begin(make_beginning(1))
    await store.begin(make_beginning(2))
    await perform("UPDATE journal SET payload = CAST(replace(payload, '{', '!') AS BLOB) WHERE id = 1")
    damaged, whole = await asyncio.gather(store.read("run_1"), store.read("run_2"), return_exceptions=True)
    assert isinstance(damaged, StoreError)
    assert whole == [make_beginning(2).first_batch]
