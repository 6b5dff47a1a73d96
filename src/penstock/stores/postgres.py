"""The shared store: one PostgreSQL database for any number of instances.

What survives what: everything that was reported as committed is on the database's disk, batches of events too
(``synchronous_commit`` stays on), so that neither a killed instance nor a restart of the database takes back what a
reader saw.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeVar

from sqlalchemy import Connection, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from penstock.core.errors import PenstockError, StoreError
from penstock.core.log import Batch
from penstock.core.messages import Run
from penstock.core.ports import Clock
from penstock.core.storage import Beginning, Begun, Claim, Ending, LiveRun, LogEnd
from penstock.stores import migration, postgres_log, runs
from penstock.stores.conversations import RacedError
from penstock.stores.journal import Committed
from penstock.stores.log_reader import LogReader
from penstock.stores.log_scan import LogAnswer, LogRead
from penstock.stores.patience import Patience
from penstock.stores.postgres_appender import Appender
from penstock.stores.postgres_faults import is_away, is_worth_repeating, may_pass, translate
from penstock.stores.postgres_server import PostgresServer
from penstock.stores.sql_store import SqlStore
from penstock.stores.tables import probes
from penstock.stores.writer import closed_error

_CONNECTIONS: Final = 8
_TRIES: Final = 4
_PATIENCE_S: Final = 10.0
"""How long batches wait for a database that is away, before their runs are given up."""
_CONNECT_PATIENCE_S: Final = 2.0
"""How long a call waits for a connection that can not be made, beside what the pool itself waits."""
_CHECK_S: Final = 1.5
_SWEEP_LOGS: Final = 200
_FORGET_S: Final = 3600.0
_MIGRATION_LOCK: Final = 0x70656E73746F636B  # "penstock": what all instances agree on

ResultT = TypeVar("ResultT")

_log = logging.getLogger(__name__)


class PostgresStore(SqlStore):
    """Implements `core.ports.Store`; made by `open`."""

    def __init__(self, server: PostgresServer, engine: AsyncEngine, clock: Clock) -> None:
        """Take over an engine whose database is migrated."""
        self._server = server
        self._engine = engine
        self._reading = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._clock = clock
        self._appender = Appender(server, patience_s=_PATIENCE_S)
        self._logs = LogReader(self._scan)
        self._keeper = postgres_log.LogKeeper()
        self._is_closed = False

    @classmethod
    async def open(cls, url: str, *, clock: Clock, patience_s: float = 0.0) -> PostgresStore:
        """Open the database of a ``postgresql://`` URL, migrated where necessary, under a lock that all share.

        One that is away is waited for at most ``patience_s``. Raises `StoreError` when it can't be reached or written,
        is newer than this program, or another program's.
        """
        server = PostgresServer(url)
        engine = server.make_engine(size=_CONNECTIONS)
        try:
            await _open(engine, server.place, Patience(patience_s))
        except Exception as error:
            await engine.dispose()
            raise translate(error, server.place) from error
        return cls(server, engine, clock)

    def __repr__(self) -> str:
        return f"PostgresStore({self._server.place!r}, is_closed={self._is_closed})"

    # --- the journal --------------------------------------------------------------------------------------------------

    def append(self, run_id: str, batch: Batch, committed: Committed) -> None:
        """Keep a batch of a run that was begun or claimed here; see `core.ports.Journal`."""
        self._appender.append(run_id, batch, committed)

    async def read(self, run_id: str, *, after: int = -1, limit: int | None = None) -> list[Batch]:
        """Give what is kept with offsets greater than ``after``, at most ``limit`` batches."""
        return await self._logs.read(run_id, after=after, limit=limit)

    async def find_end(self, run_id: str) -> LogEnd:
        """Tell how far the log goes."""
        return await self._read(partial(postgres_log.find_end, run_id=run_id))

    async def _scan(self, reads: Sequence[LogRead]) -> Sequence[LogAnswer]:
        return await self._read(partial(postgres_log.read_logs, reads=reads))

    # --- runs ---------------------------------------------------------------------------------------------------------

    async def begin(self, beginning: Beginning) -> Begun:
        """Write the submit, or find the run of an earlier one."""
        begun = await self._write(partial(runs.begin, keeper=self._keeper, beginning=beginning))
        if begun.is_new:
            self._appender.admit(begun.run.id, begun.run.epoch, beginning.first_batch.next_seq)
        return begun

    async def finish(self, ending: Ending) -> bool:
        """End the run by compare-and-set, behind the batches that wait. Its log takes nothing afterwards."""
        await self._appender.settle(ending.run_id)
        is_ended = await self._write(partial(runs.finish, keeper=self._keeper, ending=ending))
        if is_ended:
            self._appender.dismiss(ending.run_id)
        return is_ended

    async def renew_lease(self, instance: str, *, lease_s: float) -> list[LiveRun]:
        """Say that this instance lives, and give its live runs."""

        def act(connection: Connection) -> list[LiveRun]:
            postgres_log.renew(connection, instance, lease_s=lease_s)
            return runs.list_own(connection, instance)

        return await self._write(act)

    async def end_lease(self, instance: str) -> None:
        """Say that this instance lives no more."""
        await self._write(partial(postgres_log.end_lease, instance=instance))

    async def list_orphans(self, instance: str) -> list[Run]:
        """Give the live runs whose instance's lease has run out, oldest first."""
        return await self._read(partial(runs.list_orphans, is_lost=postgres_log.is_lost(instance)))

    async def claim_run(self, run: Run, instance: str) -> Claim | None:
        """Take an orphan over; its log goes on behind what is kept, at the next epoch."""
        claimed = await self._write(partial(postgres_log.claim, run=run, instance=instance))
        if claimed is None:
            return None
        claim, next_seq = claimed
        self._appender.admit(run.id, claim.run.epoch, next_seq)
        return claim

    async def sweep(self, *, ended_before: float) -> int:
        """Make the logs gone that ended before that time, and drop their rows."""
        await self._write(partial(postgres_log.forget_instances, silent_s=_FORGET_S))
        drop = partial(postgres_log.sweep, ended_before=ended_before, limit=_SWEEP_LOGS)
        total = 0
        while True:
            logs, rows = await self._write(drop)
            if not logs:
                return total
            total += rows

    # --- the whole ----------------------------------------------------------------------------------------------------

    async def check(self) -> None:
        """Write, and compare the schema with this program's; a database that does not answer soon is away."""

        def act(connection: Connection) -> None:
            connection.execute(update(probes).values(written_at=self._clock.now()))
            if migration.find_revision(connection) != migration.find_head():
                message = f"The schema of {self._server.place} is not this program's: run `penstock db upgrade`."
                raise StoreError(message, code="store_schema", is_retryable=False)

        try:
            async with asyncio.timeout(_CHECK_S):
                await self._transact(act, self._engine, patience_s=0.0)
        except TimeoutError as error:
            raise translate(error, self._server.place) from error

    async def close(self) -> None:
        """Commit what waits, and close; again is no error."""
        if self._is_closed:
            return
        self._is_closed = True
        await self._appender.close()
        await self._engine.dispose()

    # --- transactions -------------------------------------------------------------------------------------------------

    async def _write(self, act: Callable[[Connection], ResultT], *, is_durable: bool = True) -> ResultT:
        del is_durable  # every commit is
        return await self._transact(act, self._engine)

    async def _read(self, act: Callable[[Connection], ResultT]) -> ResultT:
        """Do it without BEGIN and COMMIT, two ways to the database less: under READ COMMITTED they change nothing."""
        return await self._transact(act, self._reading)

    async def _transact(
        self,
        act: Callable[[Connection], ResultT],
        engine: AsyncEngine,
        *,
        patience_s: float = _CONNECT_PATIENCE_S,
    ) -> ResultT:
        """Do it in one transaction, once there is a connection.

        Again when another transaction spoiled it, or a connection that was kept is broken.
        """
        patience, tries = Patience(patience_s), 0
        while not self._is_closed:
            attempt = _Attempt(engine)
            try:
                return await attempt.perform(act)
            except RacedError:
                tries += 1
                if tries == _TRIES:
                    raise
            except PenstockError:
                raise
            except Exception as error:
                tries += attempt.was_connected
                if attempt.is_committing or tries == _TRIES or not attempt.may_go_again(error, patience):
                    raise translate(error, self._server.place) from error
                if not attempt.was_connected:
                    await patience.pause()
        raise closed_error()


class _Attempt:
    """One try of a transaction, and how far it came."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.was_connected = False
        self.is_committing = False
        """Whether it can't be known any more if it was kept."""

    def may_go_again(self, error: Exception, patience: Patience) -> bool:
        """Whether another try may do: at once when there was a connection, after a pause when none could be made."""
        if self.was_connected:
            return is_worth_repeating(error) or is_away(error)
        return may_pass(error) and not patience.is_over

    async def perform(self, act: Callable[[Connection], ResultT]) -> ResultT:
        async with self._engine.connect() as connection:
            self.was_connected = True
            result = await connection.run_sync(act)
            self.is_committing = True
            await connection.commit()
            return result


async def _open(engine: AsyncEngine, place: str, patience: Patience) -> None:
    """Bring the database to this program's schema, once it answers."""
    is_said = False
    while True:
        try:
            async with engine.connect() as connection:
                await connection.run_sync(_upgrade, place)
        except Exception as error:
            if not may_pass(error) or patience.is_over:
                raise
            if not is_said:
                _log.warning("%s Waiting for it.", translate(error, place).message)
            is_said = True
        else:
            return
        await patience.pause()


def _upgrade(connection: Connection, place: str) -> None:
    with connection.begin():
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        migration.upgrade_within(connection, place)
