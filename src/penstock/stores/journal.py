"""The journal as SQLite keeps it: one row per group commit, and per run the span of rows that can hold its batches.

This is the writing end, and lives in the writer's thread; ``log_scan.py`` reads.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, Connection, delete, func, insert, literal, select, update

from penstock.core.errors import ProtocolError, StoreError
from penstock.core.log import Batch
from penstock.stores.framing import MASK_BITS, mask_of, write_frame
from penstock.stores.tables import journal, logs

Committed = Callable[[StoreError | None], None]
Entry = tuple[str, Batch | None, Committed]
"""A batch that waits: its run, itself (None when it was refused for want of room), whom to tell."""

_INSERT_GROUP = "INSERT INTO journal (id, mask, payload) VALUES (?, ?, ?)"
_KEEP_TOKEN = "UPDATE logs SET resume_token = ? WHERE run_id = ?"  # noqa: S105 - where a service can go on; no secret


class Journal:
    """The writing end: numbers the rows, and knows which runs may append and at which offset."""

    def __init__(self, next_row: int) -> None:
        """``next_row`` is greater than that of any row that ever was: see `find_next_row`."""
        self._next_row = next_row
        self._next_seqs: dict[str, int] = {}
        self._doubtful: set[str] = set()

    def write_group(self, raw: sqlite3.Connection, entries: Sequence[Entry]) -> list[StoreError | None]:
        """Commit the batches as one row, by one statement; gives what became of each.

        A batch that does not follow its run's last one is refused, and the others are kept: a batch that was lost is
        never followed by another one of its run. None for a batch stands for one that was refused already.
        """
        next_seqs = self._next_seqs
        errors: list[StoreError | None] = []
        frames: list[bytes] = []
        kept: list[tuple[str, Batch]] = []
        tokens: dict[str, str] = {}
        mask = 0
        for run_id, batch, _ in entries:
            if batch is None or next_seqs.get(run_id) != batch.first_seq:
                errors.append(_refuse(run_id, batch))
                continue
            next_seqs[run_id] = batch.next_seq
            mask |= mask_of(run_id)
            frames.append(write_frame(run_id, batch.first_seq, _lines(batch)))
            kept.append((run_id, batch))
            if batch.resume_token is not None:
                tokens[run_id] = batch.resume_token
            errors.append(None)
        try:
            if frames:
                self._insert_group(raw, (self._next_row, mask, b"".join(frames)), tokens)
                self._next_row += 1
        except sqlite3.Error:
            for run_id, batch in reversed(kept):
                next_seqs[run_id] = batch.first_seq
                self._doubtful.add(run_id)
            raise
        return errors

    def open_log(self, connection: Connection, run_id: str, batch: Batch) -> None:
        """Keep a new run's first batch, in the transaction under way."""
        row = self._insert(connection, run_id, batch)
        connection.execute(insert(logs).values(run_id=run_id, first_row=row, is_swept=False))

    def close_log(self, connection: Connection, run_id: str, batch: Batch, *, at: float) -> None:
        """Keep a run's last batch, in the transaction under way."""
        next_seq = self._next_seqs.get(run_id)
        # A failing disk can keep a batch and report that it did not: then only what can be read is the truth.
        if next_seq not in {None, batch.first_seq} and run_id not in self._doubtful:
            message = f"Run {run_id} ends at offset {batch.first_seq}, but its log goes on at {next_seq}."
            raise ProtocolError(message)
        row = self._insert(connection, run_id, batch)
        connection.execute(update(logs).where(logs.c.run_id == run_id).values(last_row=row, closed_at=at))

    def admit(self, run_id: str, next_seq: int) -> None:
        """Let the run append, from this offset on: its beginning is committed."""
        self._next_seqs[run_id] = next_seq

    def dismiss(self, run_id: str) -> None:
        """Let the run append no more: its end is committed."""
        self._next_seqs.pop(run_id, None)
        self._doubtful.discard(run_id)

    @staticmethod
    def _insert_group(raw: sqlite3.Connection, row: tuple[int, int, bytes], tokens: dict[str, str]) -> None:
        """Insert the row, by one statement alone unless a run's producer can be succeeded by another."""
        if not tokens:
            raw.execute(_INSERT_GROUP, row)
            return
        raw.execute("BEGIN IMMEDIATE")
        try:
            raw.execute(_INSERT_GROUP, row)
            raw.executemany(_KEEP_TOKEN, [(token, run_id) for run_id, token in tokens.items()])
            raw.execute("COMMIT")
        except sqlite3.Error:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            raise

    def _insert(self, connection: Connection, run_id: str, batch: Batch) -> int:
        row = self._next_row
        self._next_row += 1
        payload = write_frame(run_id, batch.first_seq, _lines(batch))
        connection.execute(insert(journal).values(id=row, mask=mask_of(run_id), payload=payload))
        return row


def _lines(batch: Batch) -> bytes:
    return batch.frames[0] if len(batch.frames) == 1 else b"\n".join(batch.frames)


def _refuse(run_id: str, batch: Batch | None) -> StoreError:
    if batch is None:
        return StoreError("Too much waits to be written: the disk does not keep up.", code="store_overloaded")
    return StoreError(f"Run {run_id} takes nothing at offset {batch.first_seq}: it ended, or a batch before was lost.")


def find_next_row(connection: Connection) -> int:
    """Give a number greater than that of any row that ever was, also when all were swept."""
    newest = connection.scalar(select(func.max(journal.c.id))) or 0
    first = connection.scalar(select(func.max(logs.c.first_row))) or 0
    last = connection.scalar(select(func.max(logs.c.last_row))) or 0
    return max(newest, first, last) + 1


def sweep_logs(connection: Connection, *, ended_before: float) -> None:
    """Mark the logs that closed before that time: from now on they are gone."""
    connection.execute(
        update(logs).where(logs.c.is_swept.is_(False), logs.c.closed_at < ended_before).values(is_swept=True)
    )


def drop_rows(connection: Connection, *, limit: int) -> int:
    """Drop at most ``limit`` rows that hold nothing but swept logs; gives how many went.

    Between the first rows of two kept logs only the logs kept so far can occur, so the union of their masks tells
    which rows are free. The search ends when the union has every bit: what is left is recent.
    """
    kept = select(logs.c.run_id, logs.c.first_row).where(logs.c.is_swept.is_(False)).order_by(logs.c.first_row)
    start, mask, dropped = 0, 0, 0
    # Read row by row: a busy server keeps a hundred thousand logs, and some hundred of them fill the mask.
    with connection.execute(kept) as rows:
        for run_id, first_row in rows:
            between = (journal.c.id >= start) & (journal.c.id < first_row)
            dropped += _drop_free(connection, between, mask, limit=limit - dropped)
            if dropped >= limit or mask.bit_count() == MASK_BITS:
                return dropped
            start, mask = first_row, mask | mask_of(run_id)
    return dropped + _drop_free(connection, journal.c.id >= start, mask, limit=limit - dropped)


def _drop_free(connection: Connection, where: ColumnElement[bool], mask: int, *, limit: int) -> int:
    free = select(journal.c.id).where(where, journal.c.mask.bitwise_and(literal(mask)) == 0).limit(limit)
    return connection.execute(delete(journal).where(journal.c.id.in_(free))).rowcount
