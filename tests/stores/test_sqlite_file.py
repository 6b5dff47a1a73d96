"""The file, its folder, and its lock."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from penstock.core.errors import StoreError
from penstock.stores.sqlite import SqliteStore
from support.store_samples import TickingClock


async def test_folder_and_files_are_this_users_alone(store: SqliteStore, path: Path):
    await store.check()
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file


async def test_the_lock_of_a_killed_process_does_not_stay(path: Path):
    program = (
        "import os, sys, pathlib; from penstock.stores.sqlite_file import FileLock, prepare_file\n"
        "path = pathlib.Path(sys.argv[1]); prepare_file(path); lock = FileLock(path); os.kill(os.getpid(), 9)"
    )
    killed = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", program, str(path)], check=False)
    assert killed.returncode == -9
    opened = await SqliteStore.open(path, clock=TickingClock())
    await opened.close()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    for impossible in (tmp_path / "file" / "penstock.db", tmp_path):
        error = asyncio.run(open_wrongly(impossible))
        assert error.code == "store_unwritable"
        assert "PENSTOCK_DATA_DIR" in error.message


async def open_wrongly(path: Path, **options: float) -> StoreError:
    with pytest.raises(StoreError) as refused:
        await SqliteStore.open(path, clock=TickingClock(), **options)
    return refused.value


async def test_a_second_opener_is_refused_while_the_first_lives(store: SqliteStore, path: Path):
    error = await open_wrongly(path)
    assert error.code == "store_locked"
    assert "another Penstock process" in error.message
    await store.close()
    reopened = await SqliteStore.open(path, clock=TickingClock())
    await reopened.close()


@pytest.mark.parametrize(
    "content", [b"this is a text file, not a database\n" * 100, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_file_that_is_no_database_is_refused(path: Path, content: bytes):
    path.parent.mkdir()
    path.write_bytes(content)
    assert asyncio.run(open_wrongly(path)).code == "store_corrupt"
    assert path.read_bytes() == content


async def test_a_database_that_another_program_has_locked_is_refused(store: SqliteStore, path: Path):
    await store.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        error = await open_wrongly(path, busy_timeout_s=0.05)
    assert error.code == "store_locked"
    assert "locked by another program" in error.message
    reopened = await SqliteStore.open(path, clock=TickingClock())
    await reopened.close()
