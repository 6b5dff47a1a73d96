"""What is committed together, and what happens when the disk refuses."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from penstock.core.errors import StoreError
from penstock.stores.committer import CHECKPOINT_BYTES
from penstock.stores.sqlite import SqliteStore
from support.store_samples import TickingClock, append, make_beginning, make_conversation, make_delta, make_ending


async def test_a_full_disk_is_reported_and_recovered_from(
    store: SqliteStore, perform: Callable[[str], Awaitable[None]]
):
    await store.begin(make_beginning())
    await perform("PRAGMA max_page_count = 1")  # gives the present size: it can't grow any more
    seq, error = 1, None
    while error is None:
        error = await append(store, "run_1", make_delta(seq, "x" * 5000))
        seq += 1
    assert error.code == "store_full"
    assert "free some space" in error.message
    with pytest.raises(StoreError) as refused:
        await store.create_conversation(make_conversation("conv_2", title="x" * 100_000))
    assert refused.value.code == "store_full"
    late = await append(store, "run_1", make_delta(seq))
    assert isinstance(late, StoreError), "nothing is kept behind a lost batch"
    await perform("PRAGMA max_page_count = 1000000")
    assert await append(store, "run_1", make_delta(seq - 1)) is None
    assert [batch.first_seq for batch in await store.read("run_1")] == list(range(seq))
    assert await store.finish(make_ending(first_seq=seq))


async def test_a_lock_by_another_program_while_running_fails_the_writes_and_passes(path: Path):
    store = await SqliteStore.open(path, clock=TickingClock(), busy_timeout_s=0.05)
    await store.begin(make_beginning())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        error = await append(store, "run_1", make_delta(1))
        assert error is not None
        assert error.code == "store_locked"
        with pytest.raises(StoreError, match="locked"):
            await store.check()
        assert len(await store.read("run_1")) == 1, "reading goes on"
    assert await append(store, "run_1", make_delta(1)) is None
    await store.close()


async def test_the_write_ahead_log_stays_small(store: SqliteStore, path: Path):
    await store.begin(make_beginning())
    wal = path.with_name(path.name + "-wal")
    largest, written = 0, 0
    for seq in range(1, 400):
        batch = make_delta(seq, "x" * 60_000)
        assert await append(store, "run_1", batch) is None
        written += len(batch.frames[0])
        largest = max(largest, wal.stat().st_size)
    assert written > 5 * CHECKPOINT_BYTES
    assert largest < 2 * CHECKPOINT_BYTES
