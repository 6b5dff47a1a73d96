"""The logs as PostgreSQL keeps them: one row per run and commit, so that any instance can read one run; and the leases.

A row's ``lines`` are those of one batch or more: the lines of a batch are joined by a newline, batches by two. What
guards a log is its row in ``run_logs``: an append compares epoch and offset there and locks the row in the same
statement, so that it is wholly before or wholly after another instance's claim.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    RowMapping,
    case,
    delete,
    exists,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from penstock.core.errors import ProtocolError, StoreError
from penstock.core.log import Batch, read_batch
from penstock.core.messages import Run
from penstock.core.storage import Claim, LogEnd
from penstock.stores import runs
from penstock.stores.log_scan import LogAnswer, LogPage, LogRead, no_such_log, swept_log
from penstock.stores.tables import instances, run_batches, run_logs
from penstock.stores.tables import runs as runs_table

BATCH_END: Final = b"\n\n"

_NOW: ColumnElement[float] = func.extract("epoch", func.clock_timestamp()).cast(Float(53))
"""One clock for all instances: the database's."""

_READ_PAGES: Final = text("""
    SELECT wanted.place, kept.first_seq, kept.lines
    FROM unnest(CAST(:runs AS text[]), CAST(:afters AS bigint[]), CAST(:limits AS bigint[]))
         WITH ORDINALITY AS wanted(run_id, after, most, place)
    CROSS JOIN LATERAL (
        SELECT first_seq, lines FROM run_batches
        WHERE run_batches.run_id = wanted.run_id
          AND first_seq >= COALESCE((SELECT max(first_seq) FROM run_batches AS earlier
                                     WHERE earlier.run_id = wanted.run_id AND earlier.first_seq <= wanted.after + 1), 0)
          AND next_seq > wanted.after + 1
        ORDER BY first_seq LIMIT wanted.most
    ) AS kept
    ORDER BY wanted.place, kept.first_seq
""")


def join_batches(batches: Sequence[Batch]) -> bytes:
    """Give the bytes of one row."""
    return BATCH_END.join(b"\n".join(batch.frames) for batch in batches)


def split_batches(first_seq: int, lines: bytes) -> list[Batch]:
    """Read one row back."""
    batches: list[Batch] = []
    for part in lines.split(BATCH_END):
        batches.append(read_batch(first_seq, part))
        first_seq = batches[-1].next_seq
    return batches


class LogKeeper:
    """Keeps a run's first and last batch in the transaction of its row."""

    def open_log(self, connection: Connection, run_id: str, batch: Batch) -> None:
        """Keep the first batch."""
        connection.execute(insert(run_logs).values(run_id=run_id, epoch=1, next_seq=batch.next_seq, is_swept=False))
        _insert(connection, run_id, batch)

    def close_log(self, connection: Connection, run_id: str, batch: Batch, *, at: float) -> None:
        """Keep the last batch, which must follow what is kept."""
        closed = connection.execute(
            update(run_logs)
            .where(run_logs.c.run_id == run_id, run_logs.c.next_seq == batch.first_seq)
            .values(next_seq=batch.next_seq, closed_at=at)
        )
        if closed.rowcount != 1:
            next_seq = connection.scalar(select(run_logs.c.next_seq).where(run_logs.c.run_id == run_id))
            message = f"Run {run_id} ends at offset {batch.first_seq}, but its log goes on at {next_seq}."
            raise ProtocolError(message)
        _insert(connection, run_id, batch)


def _insert(connection: Connection, run_id: str, batch: Batch) -> None:
    connection.execute(
        insert(run_batches).values(
            run_id=run_id, first_seq=batch.first_seq, next_seq=batch.next_seq, lines=join_batches([batch])
        )
    )


# --- reading ----------------------------------------------------------------------------------------------------------


def find_end(connection: Connection, run_id: str) -> LogEnd:
    """Tell how far the log goes."""
    row = connection.execute(select(run_logs).where(run_logs.c.run_id == run_id)).mappings().first()
    if row is None:
        raise no_such_log(run_id)
    if row["is_swept"]:
        raise swept_log(run_id)
    return LogEnd(row["next_seq"], row["closed_at"] is not None)


def read_logs(connection: Connection, reads: Sequence[LogRead]) -> list[LogAnswer]:
    """Read many logs by one statement; gives an answer for each, in order."""
    ids = {read.run_id for read in reads}
    rows = connection.execute(select(run_logs).where(run_logs.c.run_id.in_(ids))).mappings()
    kept: dict[str, RowMapping] = {row["run_id"]: row for row in rows}
    wanted = {
        "runs": [read.run_id for read in reads],
        "afters": [read.after for read in reads],
        "limits": [read.limit for read in reads],
    }
    pages: defaultdict[int, list[tuple[int, bytes]]] = defaultdict(list)
    for place, first_seq, lines in connection.execute(_READ_PAGES, wanted):
        pages[place].append((first_seq, lines))
    return [_answer(read, kept.get(read.run_id), pages[place]) for place, read in enumerate(reads, start=1)]


def _answer(read: LogRead, row: RowMapping | None, page: Sequence[tuple[int, bytes]]) -> LogAnswer:
    if row is None:
        return no_such_log(read.run_id)
    if row["is_swept"]:
        return swept_log(read.run_id)
    try:
        batches = [batch for first_seq, lines in page for batch in split_batches(first_seq, lines)]
    except msgspec.DecodeError as error:
        message = f"The log of run {read.run_id} is damaged: {error}."
        return StoreError(message, code="store_corrupt", is_retryable=False)
    unread = [batch.after(read.after) for batch in batches if batch.next_seq > read.after + 1]
    return LogPage(unread[: read.limit], 0)


# --- leases -----------------------------------------------------------------------------------------------------------


def renew(connection: Connection, instance: str, *, lease_s: float) -> None:
    """Prolong the lease; one that had run out begins anew."""
    until = _NOW + lease_s
    lease = upsert(instances).values(id=instance, since=_NOW, lease_until=until, lease_s=lease_s)
    was_kept = instances.c.lease_until >= _NOW
    since = case((was_kept, instances.c.since), else_=_NOW)
    connection.execute(
        lease.on_conflict_do_update(
            index_elements=[instances.c.id], set_={"since": since, "lease_until": until, "lease_s": lease_s}
        )
    )


def end_lease(connection: Connection, instance: str) -> None:
    """Forget the instance."""
    connection.execute(delete(instances).where(instances.c.id == instance))


def is_lost(instance: str) -> ColumnElement[bool]:
    """Tell which runs have no instance that lives, in the eyes of ``instance``: none, while its own lease is young.

    When the database was away, every lease has run out, and everybody needs the time to come back.
    """
    owner, judge = instances.alias("owner"), instances.alias("judge")
    lives = exists().where(owner.c.id == runs_table.c.instance, owner.c.lease_until >= _NOW)
    may_judge = exists().where(judge.c.id == instance, judge.c.since <= _NOW - judge.c.lease_s)
    was_given_away = runs_table.c.instance.is_(None)
    return was_given_away | (~lives & may_judge)


def claim(connection: Connection, run: Run, instance: str) -> tuple[Claim, int] | None:
    """Take the run and its log to the next epoch; gives the claim, and the offset at which the log goes on."""
    claimed = runs.claim(connection, run, instance, is_lost(instance))
    if claimed is None:
        return None
    row = connection.execute(
        update(run_logs)
        .where(run_logs.c.run_id == run.id)
        .values(epoch=claimed.epoch)
        .returning(run_logs.c.next_seq, run_logs.c.resume_token)
    ).one()
    return Claim(claimed, row.resume_token), row.next_seq


# --- sweeping ---------------------------------------------------------------------------------------------------------


def sweep(connection: Connection, *, ended_before: float, limit: int) -> tuple[int, int]:
    """Drop at most ``limit`` logs that closed before that time; gives how many logs and how many rows went."""
    old = (
        select(run_logs.c.run_id)
        .where(run_logs.c.is_swept.is_(False), run_logs.c.closed_at < ended_before)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = connection.scalars(old).all()
    if not ids:
        return 0, 0
    connection.execute(update(run_logs).where(run_logs.c.run_id.in_(ids)).values(is_swept=True))
    return len(ids), connection.execute(delete(run_batches).where(run_batches.c.run_id.in_(ids))).rowcount


def forget_instances(connection: Connection, *, silent_s: float) -> None:
    """Drop the leases that ended that long ago."""
    connection.execute(delete(instances).where(instances.c.lease_until < _NOW - silent_s))
