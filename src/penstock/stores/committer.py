"""What the writer's thread does with its connection: commit one turn after the other, and checkpoint in between."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, cast

from sqlalchemy import Connection

from penstock.core.errors import PenstockError, StoreError
from penstock.stores.faults import translate
from penstock.stores.journal import Entry, Journal, find_next_row

CHECKPOINT_BYTES: Final = 4 * 1024 * 1024
"""Growth of the write-ahead log after which it is copied into the database: small, so that no copy takes long."""

_GROUP_BYTES: Final = 8 * 1024
_WORK_BYTES: Final = 48 * 1024
"""What a commit writes beside its payload, in whole pages: guesses, for the log itself can't be asked cheaply."""


class Work(Protocol):
    """A change that is more than an append."""

    is_durable: bool
    """Whether its commit reaches the disk before it counts."""
    error: PenstockError | None

    def perform(self, connection: Connection, journal: Journal) -> None:
        """Do it, inside a transaction; may be done again when the transaction fails."""
        ...

    def settle(self, journal: Journal) -> None:
        """Follow up, once it is committed."""
        ...

    def tell(self) -> None:
        """Tell who waits; on the event loop."""
        ...


@dataclass(slots=True)
class Turn:
    """What is committed together: the batches first, then the changes."""

    entries: list[Entry] = field(default_factory=list[Entry])
    works: list[Work] = field(default_factory=list[Work])
    size_bytes: int = 0
    """Of all lines of the entries."""
    errors: Sequence[StoreError | None] = ()
    """What became of each entry, once the turn is over; empty when all were kept."""


class Committer:
    """The owner of the writing connection; all of it happens in one thread."""

    def __init__(self, connection: Connection, path: Path) -> None:
        """Take over the connection, whose database is migrated."""
        self._connection = connection
        self._path = path
        self._raw = cast("sqlite3.Connection", connection.connection.dbapi_connection)
        self._is_full_sync = False
        self._grown_bytes = 0
        with connection.begin():
            self._journal = Journal(find_next_row(connection))

    def commit(self, turn: Turn) -> None:
        """Commit the turn; what failed says so in the turn."""
        self._grown_bytes += turn.size_bytes + _GROUP_BYTES + _WORK_BYTES * len(turn.works)
        if turn.entries:
            self._commit_entries(turn)
        if turn.works:
            self._commit_works(turn.works)

    def _commit_entries(self, turn: Turn) -> None:
        try:
            self._set_full_sync(is_full=False)
            errors = self._journal.write_group(self._raw, turn.entries)
            turn.errors = errors if any(errors) else ()
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for it
            turn.errors = [_store_error(error, self._path)] * len(turn.entries)

    def _commit_works(self, works: Sequence[Work]) -> None:
        if len(works) == 1:
            self._commit_alone(works[0])
            return
        try:
            self._set_full_sync(is_full=any(work.is_durable for work in works))
            with self._connection.begin():
                for work in works:
                    self._perform_apart(work)
        except Exception:  # noqa: BLE001 - one of them spoiled it for all, and hears of it when it is done alone
            for work in works:
                self._commit_alone(work)
            return
        for work in works:
            if work.error is None:
                work.settle(self._journal)

    def _perform_apart(self, work: Work) -> None:
        work.error = None
        try:
            with self._connection.begin_nested():
                work.perform(self._connection, self._journal)
        except PenstockError as error:
            work.error = error

    def _commit_alone(self, work: Work) -> None:
        # No savepoint: when the disk is full SQLite rolls everything back, and releasing one would hide the reason.
        work.error = None
        try:
            self._set_full_sync(is_full=work.is_durable)
            with self._connection.begin():
                work.perform(self._connection, self._journal)
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for it
            work.error = translate(error, self._path)
        else:
            work.settle(self._journal)

    def _set_full_sync(self, *, is_full: bool) -> None:
        if is_full != self._is_full_sync:
            self._raw.execute("PRAGMA synchronous=FULL" if is_full else "PRAGMA synchronous=NORMAL")
            self._is_full_sync = is_full

    def checkpoint_if_large(self) -> None:
        """Copy the write-ahead log into the database when it has grown enough since the last time."""
        if self._grown_bytes >= CHECKPOINT_BYTES:
            self._checkpoint()

    def checkpoint_if_idle(self) -> None:
        """Copy what was written since the last time."""
        if self._grown_bytes:
            self._checkpoint()

    def _checkpoint(self) -> None:
        self._grown_bytes = 0
        # A failure loses nothing: the log keeps what was not copied, and the next commit reports the disk.
        with contextlib.suppress(sqlite3.Error):
            self._raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    def close(self) -> None:
        """Copy everything and close."""
        engine = self._connection.engine
        self._connection.close()
        engine.dispose()


def _store_error(error: Exception, path: Path) -> StoreError:
    translated = translate(error, path)
    return translated if isinstance(translated, StoreError) else StoreError(translated.message)
