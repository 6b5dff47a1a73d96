"""The embedded store: one SQLite file, one writer, and readers beside it.

What survives what: everything that was reported as committed survives a killed process. `begin` and `finish` also
survive a power cut, and with them every batch that was committed before; later batches may be rolled back by one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine, make_url, update
from sqlalchemy.exc import ArgumentError

from penstock.core.errors import PenstockError, StoreError
from penstock.core.log import Batch
from penstock.core.messages import Run
from penstock.core.ports import Clock
from penstock.core.storage import Beginning, Begun, Claim, Ending, LiveRun, LogEnd
from penstock.stores import journal, migration, runs
from penstock.stores.committer import Committer
from penstock.stores.faults import translate
from penstock.stores.journal import Committed, Journal
from penstock.stores.log_reader import LogReader
from penstock.stores.log_scan import LogAnswer, LogRead, find_log_end, find_resume_token, read_logs
from penstock.stores.sql_store import SqlStore
from penstock.stores.sqlite_file import FileLock, connect_writer, make_readers, prepare_file
from penstock.stores.tables import probes
from penstock.stores.writer import Change, Writer, closed_error

_READERS: Final = 3
TURN_DISTANCE_S: Final = 0.002
"""Between the beginnings of two commits while batches come thick."""
_SWEEP_ROWS: Final = 500
"""Rows that one transaction of the sweeper drops, so that it never delays tokens for long."""

ResultT = TypeVar("ResultT")


async def open_sqlite_store(url: str, *, clock: Clock) -> SqliteStore:
    """Open the database of an URL of the form ``sqlite:///path``."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        message = f"{url!r} is not a database URL: write sqlite:///path."
        raise StoreError(message, is_retryable=False) from error
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        message = f"{url!r} does not name an SQLite file: write sqlite:///path."
        raise StoreError(message, is_retryable=False)
    return await SqliteStore.open(Path(parsed.database), clock=clock)


class SqliteStore(SqlStore):
    """Implements `core.ports.Store`; made by `open`."""

    def __init__(self, path: Path, clock: Clock, lock: FileLock, writer: Writer) -> None:
        """Take over a writer that is open."""
        self._path = path
        self._clock = clock
        self._lock = lock
        self._writer = writer
        self._readers: Engine = make_readers(path, count=_READERS, busy_timeout_s=5.0)
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix="penstock-reader")
        self._logs = LogReader(self._scan)
        self._is_closed = False

    @classmethod
    async def open(
        cls, path: Path | str, *, clock: Clock, busy_timeout_s: float = 5.0, turn_distance_s: float = TURN_DISTANCE_S
    ) -> SqliteStore:
        """Open the database, made or migrated where necessary.

        Raises `StoreError` when it can't be written, is locked, in use, newer than this program, or no such database.
        ``turn_distance_s`` lets groups of batches grow under load, for at most that long.
        """
        path = Path(path)
        lock = await asyncio.to_thread(_lock_file, path)
        try:
            writer = Writer(partial(_open_committer, path, busy_timeout_s), turn_distance_s=turn_distance_s)
            await writer.open()
        except BaseException:
            lock.release()
            raise
        return cls(path, clock, lock, writer)

    def __repr__(self) -> str:
        return f"SqliteStore({str(self._path)!r}, is_closed={self._is_closed})"

    # --- the journal --------------------------------------------------------------------------------------------------

    def append(self, run_id: str, batch: Batch, committed: Committed) -> None:
        """Keep a batch of a run that was begun here; see `core.ports.Journal`."""
        self._writer.append(run_id, batch, committed)

    async def read(self, run_id: str, *, after: int = -1, limit: int | None = None) -> list[Batch]:
        """Give what is kept with offsets greater than ``after``, at most ``limit`` batches."""
        return await self._logs.read(run_id, after=after, limit=limit)

    async def find_end(self, run_id: str) -> LogEnd:
        """Tell how far the log goes."""
        return await self._read(partial(find_log_end, run_id=run_id))

    async def _scan(self, reads: Sequence[LogRead]) -> Sequence[LogAnswer]:
        return await self._read(partial(read_logs, reads=reads))

    # --- runs ---------------------------------------------------------------------------------------------------------

    async def begin(self, beginning: Beginning) -> Begun:
        """Write the submit, or find the run of an earlier one; synchronous to disk."""

        def admit(journal: Journal, begun: Begun) -> None:
            if begun.is_new:
                journal.admit(begun.run.id, beginning.first_batch.next_seq)

        def act(connection: Connection, journal: Journal) -> Begun:
            return runs.begin(connection, journal, beginning)

        return await self._writer.change(Change(act, is_durable=True, follow_up=admit))

    async def finish(self, ending: Ending) -> bool:
        """End the run by compare-and-set; synchronous to disk. Its log takes nothing afterwards."""

        def dismiss(journal: Journal, is_ended: bool) -> None:
            if is_ended:
                journal.dismiss(ending.run_id)

        def act(connection: Connection, journal: Journal) -> bool:
            return runs.finish(connection, journal, ending)

        return await self._writer.change(Change(act, is_durable=True, follow_up=dismiss))

    async def renew_lease(self, instance: str, *, lease_s: float) -> list[LiveRun]:
        """Give the instance's live runs. The file's lock is the lease: it lasts as long as the process."""
        del lease_s
        return await self._read(partial(runs.list_own, instance=instance))

    async def end_lease(self, instance: str) -> None:
        """Do nothing: closing lets go of the file's lock."""

    async def list_orphans(self, instance: str) -> list[Run]:
        """Give the live runs of processes before this one, oldest first."""
        return await self._read(partial(runs.list_orphans, is_lost=runs.is_of_another(instance)))

    async def claim_run(self, run: Run, instance: str) -> Claim | None:
        """Take an orphan over; its log goes on behind what is kept."""

        def act(connection: Connection, _journal: Journal) -> tuple[Claim, int] | None:
            claimed = runs.claim(connection, run, instance, runs.is_of_another(instance))
            if claimed is None:
                return None
            return Claim(claimed, find_resume_token(connection, run.id)), find_log_end(connection, run.id).next_seq

        def admit(journal: Journal, claimed: tuple[Claim, int] | None) -> None:
            if claimed is not None:
                journal.admit(run.id, claimed[1])

        claimed = await self._writer.change(Change(act, is_durable=True, follow_up=admit))
        return None if claimed is None else claimed[0]

    async def sweep(self, *, ended_before: float) -> int:
        """Make the logs gone that ended before that time, and drop the rows that hold nothing else."""
        await self._write(partial(journal.sweep_logs, ended_before=ended_before), is_durable=False)
        total = 0
        while dropped := await self._write(partial(journal.drop_rows, limit=_SWEEP_ROWS), is_durable=False):
            total += dropped
        return total

    # --- the whole ----------------------------------------------------------------------------------------------------

    async def check(self) -> None:
        """Write, and compare the schema with this program's."""

        def act(connection: Connection) -> None:
            connection.execute(update(probes).values(written_at=self._clock.now()))
            if migration.find_revision(connection) != migration.find_head():
                message = f"The schema of {self._path} is not this program's: restart the server to migrate it."
                raise StoreError(message, code="store_schema", is_retryable=False)

        await self._write(act, is_durable=False)

    async def close(self) -> None:
        """Commit what waits, and close; again is no error."""
        if self._is_closed:
            return
        self._is_closed = True
        # Readers first: the writer's connection is then the last one, and leaves no write-ahead log behind.
        await asyncio.to_thread(self._close_readers)
        await self._writer.close()
        self._lock.release()

    def _close_readers(self) -> None:
        self._threads.shutdown(wait=True)
        self._readers.dispose()

    async def _write(self, act: Callable[[Connection], ResultT], *, is_durable: bool = True) -> ResultT:
        return await self._writer.change(Change(lambda connection, _: act(connection), is_durable=is_durable))

    async def _read(self, act: Callable[[Connection], ResultT]) -> ResultT:
        if self._is_closed:
            raise closed_error()
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read_now, act)

    def _read_now(self, act: Callable[[Connection], ResultT]) -> ResultT:
        try:
            with self._readers.connect() as connection, connection.begin():
                return act(connection)
        except PenstockError:
            raise
        except Exception as error:
            raise translate(error, self._path) from error


def _lock_file(path: Path) -> FileLock:
    prepare_file(path)
    return FileLock(path)


def _open_committer(path: Path, busy_timeout_s: float) -> Committer:
    connection = connect_writer(path, busy_timeout_s=busy_timeout_s)
    try:
        migration.upgrade(connection, path)
        return Committer(connection, path)
    except Exception as error:
        connection.close()
        connection.engine.dispose()
        raise translate(error, path) from error
