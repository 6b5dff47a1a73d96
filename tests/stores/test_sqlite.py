"""What the SQLite store does beyond the contract: its file, its folder, its lock, its faults."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from penstock.core.errors import StoreError
from penstock.stores.committer import CHECKPOINT_BYTES
from penstock.stores.sqlite import SqliteStore, open_sqlite_store
from support.store_samples import TickingClock, append, make_beginning, make_conversation, make_delta, make_ending


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "penstock.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    opened = await SqliteStore.open(path, clock=TickingClock())
    yield opened
    await opened.close()


async def open_wrongly(path: Path, **options: float) -> StoreError:
    with pytest.raises(StoreError) as refused:
        await SqliteStore.open(path, clock=TickingClock(), **options)
    return refused.value


async def run_in_writer(store: SqliteStore, statement: str) -> None:
    await store._write(lambda connection: connection.execute(text(statement)) and None)


async def test_folder_and_files_are_this_users_alone(store: SqliteStore, path: Path):
    await store.check()
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file


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


async def test_a_second_opener_is_refused_while_the_first_lives(store: SqliteStore, path: Path):
    error = await open_wrongly(path)
    assert error.code == "store_locked"
    assert "another Penstock process" in error.message
    await store.close()
    reopened = await SqliteStore.open(path, clock=TickingClock())
    await reopened.close()


async def test_the_lock_of_a_killed_process_does_not_stay(path: Path):
    program = (
        "import os, sys, pathlib; from penstock.stores.sqlite_file import FileLock, prepare_file\n"
        "path = pathlib.Path(sys.argv[1]); prepare_file(path); lock = FileLock(path); os.kill(os.getpid(), 9)"
    )
    killed = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", program, str(path)], check=False)
    assert killed.returncode == -9
    opened = await SqliteStore.open(path, clock=TickingClock())
    await opened.close()


async def test_a_database_that_another_program_has_locked_is_refused(store: SqliteStore, path: Path):
    await store.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        error = await open_wrongly(path, busy_timeout_s=0.05)
    assert error.code == "store_locked"
    assert "locked by another program" in error.message
    reopened = await SqliteStore.open(path, clock=TickingClock())
    await reopened.close()


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


@pytest.mark.parametrize(
    "content", [b"this is a text file, not a database\n" * 100, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_file_that_is_no_database_is_refused(path: Path, content: bytes):
    path.parent.mkdir()
    path.write_bytes(content)
    assert asyncio.run(open_wrongly(path)).code == "store_corrupt"
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    for impossible in (tmp_path / "file" / "penstock.db", tmp_path):
        error = asyncio.run(open_wrongly(impossible))
        assert error.code == "store_unwritable"
        assert "PENSTOCK_DATA_DIR" in error.message


async def test_a_full_disk_is_reported_and_recovered_from(store: SqliteStore):
    await store.begin(make_beginning())
    await run_in_writer(store, "PRAGMA max_page_count = 1")  # gives the present size: it can't grow any more
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
    await run_in_writer(store, "PRAGMA max_page_count = 1000000")
    assert await append(store, "run_1", make_delta(seq - 1)) is None
    assert [batch.first_seq for batch in await store.read("run_1")] == list(range(seq))
    assert await store.finish(make_ending(first_seq=seq))


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


async def test_a_schema_changed_behind_our_back_fails_the_check(store: SqliteStore):
    await run_in_writer(store, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError) as refused:
        await store.check()
    assert refused.value.code == "store_schema"


async def test_a_damaged_journal_row_is_an_error_for_its_readers_and_not_a_hang(store: SqliteStore):
    await store.begin(make_beginning())
    await run_in_writer(store, "UPDATE journal SET payload = substr(payload, 1, 60)")
    with pytest.raises(StoreError):
        await store.read("run_1")


async def test_search_works_where_sqlite_has_no_full_text_index(store: SqliteStore):
    for statement in ("TRIGGER search_texts_added", "TRIGGER search_texts_removed", "TABLE search_index"):
        await run_in_writer(store, f"DROP {statement}")
    await store.begin(make_beginning())
    assert len((await store.list_conversations("ann", query="HELLO")).conversations) == 1
    assert len((await store.list_conversations("ann", query="hello there")).conversations) == 0


async def test_no_thread_stays_behind(path: Path):
    opened = await SqliteStore.open(path, clock=TickingClock())
    await opened.begin(make_beginning())
    await opened.read("run_1")
    await opened.close()
    names = [thread.name for thread in threading.enumerate() if thread.name.startswith("penstock")]
    assert names == []
