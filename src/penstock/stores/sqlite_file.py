"""The database file: its folder, its lock, its connections. Nothing here knows what the tables mean."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool, StaticPool

from penstock.core.errors import StoreError
from penstock.stores.faults import translate

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


OLDEST_SQLITE: Final = (3, 35, 0)
"""Older ones lack what the statements use. Before 3.51.3, two connections that write or checkpoint at once can corrupt
a WAL database; here one connection does all of both, so that those versions are safe."""

_CLOEXEC: Final = getattr(os, "O_CLOEXEC", 0)  # Windows has none and needs none


_LOCKED_BYTE: Final = 1024
"""Windows locks bytes, not files: one that nobody reads."""


class FileLock:
    """Keeps a second server away from the file; the system lets go of it when the process dies, however it dies."""

    def __init__(self, database: Path) -> None:
        """Take the lock; raises `StoreError` when another process has it."""
        path = database.with_name(database.name + ".lock")
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _CLOEXEC, 0o600)
        try:
            _lock(self._descriptor)
        except OSError as error:
            process = os.read(self._descriptor, 32).decode(errors="replace").strip() or "unknown"
            os.close(self._descriptor)
            message = (
                f"The database {database} is in use by another Penstock process (id {process}): "
                "stop that one, or set PENSTOCK_DATA_DIR to another folder."
            )
            raise StoreError(message, code="store_locked") from error
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let go. The file stays: removing it would race with a process that waits for it."""
        os.close(self._descriptor)


def prepare_file(path: Path) -> None:
    """Make the folder (for this user alone) and the file, where they are missing; raises `StoreError`."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        message = (
            f"Python's SQLite is {sqlite3.sqlite_version}: Penstock needs 3.35 or newer. Use a newer Python build."
        )
        raise StoreError(message, code="store_unsupported", is_retryable=False)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | _CLOEXEC, 0o600))
    except OSError as error:
        message = (
            f"The database {path} cannot be written ({error.strerror}): "
            "set PENSTOCK_DATA_DIR to a folder that this user may write."
        )
        raise StoreError(message, code="store_unwritable", is_retryable=False) from error


def connect_writer(path: Path, *, busy_timeout_s: float) -> Connection:
    """Open the one connection that writes; every transaction on it takes the write lock at its start."""
    raw = sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False)
    try:
        raw.execute("PRAGMA journal_mode=WAL").fetchone()
        raw.execute("PRAGMA wal_autocheckpoint=0").fetchone()
        raw.execute("PRAGMA synchronous=NORMAL")
        raw.execute("PRAGMA foreign_keys=ON")
        raw.execute("PRAGMA secure_delete=FAST").fetchone()
    except sqlite3.Error as error:
        raw.close()
        raise translate(error, path) from error
    engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
    _begin_with(engine, "BEGIN IMMEDIATE")
    return engine.connect()


def make_readers(path: Path, *, count: int, busy_timeout_s: float) -> Engine:
    """Give an engine whose connections can only read; each transaction sees one state of the database."""

    def connect() -> sqlite3.Connection:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        raw = sqlite3.connect(uri, uri=True, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False)
        raw.execute("PRAGMA query_only=ON")
        return raw

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=count, max_overflow=0)
    _begin_with(engine, "BEGIN")
    return engine


def _begin_with(engine: Engine, statement: str) -> None:
    # The driver itself never begins (isolation_level None): its own rule does so late, and not before a DDL statement.
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    event.listen(engine, "begin", begin)
