"""Appending to the logs in PostgreSQL: what waits together commits as one group, by one statement.

While one group is under way the next gathers; when nothing is, what came in one iteration of the event loop goes at its
end. The statement compares every run's epoch and offset, so that it can be repeated when the connection breaks, and
writes nothing for a run that another instance has claimed.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from penstock.core.errors import PenstockError, StoreError
from penstock.core.log import Batch
from penstock.stores.journal import Committed, Entry
from penstock.stores.patience import Patience
from penstock.stores.postgres_faults import is_worth_repeating, may_pass, translate
from penstock.stores.postgres_log import join_batches
from penstock.stores.postgres_server import Connection, PostgresServer
from penstock.stores.writer import MAX_WAITING_BYTES, closed_error

_APPEND: Final = """
    WITH given AS (
        SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bytea[], $6::text[])
                      AS given(run_id, epoch, first_seq, next_seq, lines, resume_token)
    ), kept AS (
        UPDATE run_logs
        SET next_seq = given.next_seq, resume_token = COALESCE(given.resume_token, run_logs.resume_token)
        FROM given
        WHERE run_logs.run_id = given.run_id AND run_logs.epoch = given.epoch
          AND run_logs.next_seq = given.first_seq AND run_logs.closed_at IS NULL
        RETURNING given.run_id, given.first_seq, given.next_seq, given.lines
    )
    INSERT INTO run_batches (run_id, first_seq, next_seq, lines) SELECT * FROM kept RETURNING run_id
"""
_FIND: Final = "SELECT run_id, epoch, next_seq FROM run_logs WHERE run_id = ANY($1::text[])"

_log = logging.getLogger(__name__)


class _Tail(Struct):
    """Where the log of a run goes on that is produced here."""

    epoch: int
    next_seq: int


class _Row(Struct):
    """What one run adds to a group."""

    run_id: str
    epoch: int
    first_seq: int
    next_seq: int
    lines: bytes
    resume_token: str | None


class Appender:
    """One connection, and at most one group under way."""

    def __init__(self, server: PostgresServer, *, patience_s: float) -> None:
        """Try a group again for ``patience_s`` while the database is away; then its batches are refused."""
        self._server = server
        self._patience_s = patience_s
        self._connection: Connection | None = None
        self._tails: dict[str, _Tail] = {}
        self._gathering: list[Entry] = []
        self._waiting_bytes = 0
        self._committing: asyncio.Task[None] | None = None
        self._waiting: Counter[str] = Counter()
        self._settling: dict[str, asyncio.Future[None]] = {}
        self._is_closed = False

    def __repr__(self) -> str:
        """Show how many runs append, and what waits."""
        return f"Appender(runs={len(self._tails)}, waiting={len(self._gathering)})"

    def admit(self, run_id: str, epoch: int, next_seq: int) -> None:
        """Let the run append at this epoch, from this offset on."""
        self._tails[run_id] = _Tail(epoch, next_seq)

    def dismiss(self, run_id: str) -> None:
        """Let the run append no more."""
        self._tails.pop(run_id, None)

    def append(self, run_id: str, batch: Batch, committed: Committed) -> None:
        """Take a batch for the next group."""
        if self._is_closed:
            asyncio.get_running_loop().call_soon(committed, closed_error())
            return
        self._waiting[run_id] += 1
        size = sum(map(len, batch.frames))
        if self._waiting_bytes + size > MAX_WAITING_BYTES:
            self._gathering.append((run_id, None, committed))
        else:
            self._waiting_bytes += size
            self._gathering.append((run_id, batch, committed))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_groups(), name="append")

    async def settle(self, run_id: str) -> None:
        """Wait until nothing of the run waits for its commit any more, well or not."""
        if run_id in self._waiting:
            future = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._settling.setdefault(run_id, future))

    async def close(self) -> None:
        """Commit what waits, and leave."""
        self._is_closed = True
        if self._committing is not None:
            await asyncio.wait((self._committing,))
        if self._connection is not None:
            await _close(self._connection)
            self._connection = None

    async def _commit_groups(self) -> None:
        try:
            while self._gathering:
                entries, self._gathering = self._gathering, []
                outcome = await self._commit(entries)
                self._waiting_bytes -= sum(sum(map(len, batch.frames)) for _, batch, _ in entries if batch is not None)
                for (run_id, _, committed), error in zip(entries, outcome, strict=True):
                    self._settle(run_id)
                    _tell(committed, error)
        finally:
            self._committing = None

    def _settle(self, run_id: str) -> None:
        self._waiting[run_id] -= 1
        if not self._waiting[run_id]:
            del self._waiting[run_id]
            if run_id in self._settling:
                self._settling.pop(run_id).set_result(None)

    async def _commit(self, entries: Sequence[Entry]) -> list[StoreError | None]:
        rows, errors = self._make_rows(entries)
        if not rows:
            return errors
        try:
            lost = await self._write_patiently(list(rows.values()))
        except StoreError as error:
            self._undo(rows.values())
            return [earlier or error for earlier in errors]
        for run_id in lost:
            self._tails.pop(run_id, None)
        return [
            error or (run_lost(run_id) if run_id in lost else None)
            for (run_id, _, _), error in zip(entries, errors, strict=True)
        ]

    def _make_rows(self, entries: Sequence[Entry]) -> tuple[dict[str, _Row], list[StoreError | None]]:
        """Give one row per run, and what is refused without asking the database."""
        gathered: dict[str, list[Batch]] = {}
        errors: list[StoreError | None] = []
        for run_id, batch, _ in entries:
            tail = self._tails.get(run_id)
            if batch is None or tail is None or tail.next_seq != batch.first_seq:
                errors.append(_refuse(run_id, batch))
                continue
            tail.next_seq = batch.next_seq
            gathered.setdefault(run_id, []).append(batch)
            errors.append(None)
        return {run_id: self._make_row(run_id, batches) for run_id, batches in gathered.items()}, errors

    def _make_row(self, run_id: str, batches: Sequence[Batch]) -> _Row:
        tokens = [batch.resume_token for batch in batches if batch.resume_token is not None]
        return _Row(
            run_id=run_id,
            epoch=self._tails[run_id].epoch,
            first_seq=batches[0].first_seq,
            next_seq=batches[-1].next_seq,
            lines=join_batches(batches),
            resume_token=tokens[-1] if tokens else None,
        )

    def _undo(self, rows: Iterable[_Row]) -> None:
        for row in rows:
            tail = self._tails.get(row.run_id)
            if tail is not None:
                tail.next_seq = row.first_seq

    async def _write_patiently(self, rows: Sequence[_Row]) -> set[str]:
        """Write the rows, also when the database has to come back first; gives the runs that were lost."""
        patience = Patience(self._patience_s)
        while True:
            try:
                return await self._write(rows)
            except Exception as error:
                self._forget_connection()
                is_passing = may_pass(error) or is_worth_repeating(error)
                if not is_passing or self._is_closed or patience.is_over:
                    raise _store_error(error, self._server.place) from error
                _log.warning("Batches wait for the database: %r", translate(error, self._server.place))
            await patience.pause()

    async def _write(self, rows: Sequence[_Row]) -> set[str]:
        if self._connection is None:
            self._connection = await self._server.connect()
        columns = zip(
            *((r.run_id, r.epoch, r.first_seq, r.next_seq, r.lines, r.resume_token) for r in rows), strict=True
        )
        written = {record[0] for record in await self._connection.fetch(_APPEND, *columns)}
        missing = {row.run_id: row for row in rows if row.run_id not in written}
        if missing:
            # An earlier try may have been committed and not answered: then the log is where it would have brought it.
            for run_id, epoch, next_seq in await self._connection.fetch(_FIND, list(missing)):
                if (epoch, next_seq) == (missing[run_id].epoch, missing[run_id].next_seq):
                    del missing[run_id]
        return set(missing)

    def _forget_connection(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


async def _close(connection: Connection) -> None:
    try:
        await connection.close(timeout=1)
    except Exception:  # noqa: BLE001 - a server that is away takes no leave
        connection.terminate()


def _tell(committed: Committed, error: StoreError | None) -> None:
    try:
        committed(error)
    except Exception as defect:  # noqa: BLE001 - one listener's defect is not the other runs' loss
        loop = asyncio.get_running_loop()
        loop.call_exception_handler({"message": "A journal listener failed", "exception": defect})


def _refuse(run_id: str, batch: Batch | None) -> StoreError:
    if batch is None:
        return StoreError("Too much waits to be written: the database does not keep up.", code="store_overloaded")
    return StoreError(f"Run {run_id} takes nothing at offset {batch.first_seq}: it ended, or a batch before was lost.")


def _store_error(error: Exception, place: str) -> StoreError:
    translated: PenstockError = translate(error, place)
    return translated if isinstance(translated, StoreError) else StoreError(translated.message)


def run_lost(run_id: str) -> StoreError:
    """Give what a producer is told whose run another instance has taken."""
    message = f"Run {run_id} is produced by another instance now, or has ended there."
    return StoreError(message, code="run_lost", is_retryable=False)
