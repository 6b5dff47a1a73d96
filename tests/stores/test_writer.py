"""Who waits for the writer is told, once and in order."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from penstock.core.errors import StoreError
from penstock.stores.sqlite import SqliteStore
from penstock.stores.writer import TurnPace
from support.store_samples import TickingClock, append, make_beginning, make_delta


async def test_batches_beyond_the_bound_are_refused_in_their_order(store: SqliteStore, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("penstock.stores.writer.MAX_WAITING_BYTES", 1200)
    await store.begin(make_beginning(1))
    await store.begin(make_beginning(2))
    told: list[tuple[str, int, bool]] = []
    for seq, size in enumerate([600, 600, 1, 1], start=1):
        for run_id, text_size in (("run_1", size), ("run_2", 1)):
            batch = make_delta(seq, "x" * text_size)
            store.append(run_id, batch, lambda error, r=run_id, s=seq: told.append((r, s, error is None)))
    assert await append(store, "run_2", make_delta(5)) is None
    assert told == [
        ("run_1", 1, True), ("run_2", 1, True), ("run_1", 2, False), ("run_2", 2, True),
        ("run_1", 3, False), ("run_2", 3, True), ("run_1", 4, False), ("run_2", 4, True),
    ]  # fmt: skip


async def test_a_listener_that_fails_does_not_hurt_the_others(store: SqliteStore):
    await store.begin(make_beginning())
    complaints: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))

    def fail(_: StoreError | None) -> None:
        raise RuntimeError

    store.append("run_1", make_delta(1), fail)
    assert await append(store, "run_1", make_delta(2)) is None
    assert len(complaints) == 1


async def test_one_who_stops_waiting_does_not_undo_the_write(store: SqliteStore):
    begin = asyncio.create_task(store.begin(make_beginning()))
    await asyncio.sleep(0)
    begin.cancel()
    with pytest.raises(asyncio.CancelledError):
        await begin
    await store.check()
    assert (await store.get_run("ann", "run_1")).is_live


async def test_no_thread_stays_behind(path: Path):
    before = set(threading.enumerate())
    opened = await SqliteStore.open(path, clock=TickingClock())
    await opened.begin(make_beginning())
    await opened.read("run_1")
    await opened.close()
    left = set(threading.enumerate()) - before
    assert [thread.name for thread in left if thread.name.startswith("penstock")] == []


def test_turns_keep_their_distance_only_while_batches_come_thick():
    pace = TurnPace(0.002)
    for step in range(100):
        pace.turn(1, step * 0.01)
    assert pace.wait_s(1.0) == 0
    for step in range(100):
        pace.turn(10, 1 + step * 0.002)
    last = 1 + 99 * 0.002
    assert pace.wait_s(last + 0.0005) == pytest.approx(0.0015)
    assert pace.wait_s(last + 0.003) == 0
    for step in range(64):
        pace.turn(1, 2 + step * 0.01)
    assert pace.wait_s(2.63) == 0


async def test_who_awaits_a_change_does_not_wait_for_the_pace(path: Path):
    """With turns an hour apart every begin and end still comes at once, and the batches before it with it."""
    store = await SqliteStore.open(path, clock=TickingClock(), turn_distance_s=3600)
    await store.begin(make_beginning())
    told: list[int] = []
    for seq in range(1, 401):
        store.append("run_1", make_delta(seq), lambda _, seq=seq: told.append(seq))
        if seq % 100 == 0:
            await store.check()
    assert told == list(range(1, 401))
    store.append("run_1", make_delta(401), lambda _: told.append(401))
    await asyncio.sleep(0)
    assert told[-1] == 400
    await store.close()
    assert told[-1] == 401
