"""What SQLite complains of, as errors that a person can act on: one table."""

from __future__ import annotations

import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError

from penstock.core.errors import ConflictError, PenstockError, StoreError

_FAULTS: Final[dict[str, tuple[str, str, bool]]] = {
    "SQLITE_FULL": ("store_full", "The disk is full: free some space on the disk of {path}, then try again.", True),
    "SQLITE_BUSY": (
        "store_locked",
        "The database {path} is locked by another program: close what has it open, then try again.",
        True,
    ),
    "SQLITE_NOTADB": (
        "store_corrupt",
        "{path} is not an SQLite database: move it away, or name another file in PENSTOCK_DATABASE_URL.",
        False,
    ),
    "SQLITE_CORRUPT": (
        "store_corrupt",
        "The database {path} is damaged: stop the server and restore it from a backup.",
        False,
    ),
    "SQLITE_READONLY": (
        "store_unwritable",
        "The database {path} cannot be written: give this user the right to write the file and its folder.",
        False,
    ),
    "SQLITE_CANTOPEN": (
        "store_unwritable",
        "The database {path} cannot be opened: check that its folder exists and that this user may write there.",
        False,
    ),
    "SQLITE_IOERR": ("store_io", "The disk failed while {path} was read or written: check the disk.", True),
}
"""By primary result code: our code, the sentence, and whether the same call may succeed later."""

_ALIASES: Final = {"SQLITE_LOCKED": "SQLITE_BUSY", "SQLITE_PERM": "SQLITE_READONLY", "SQLITE_PROTOCOL": "SQLITE_BUSY"}


def _primary_name(error: sqlite3.Error) -> str:
    # Extended codes are named after their primary one: SQLITE_IOERR_FSYNC, SQLITE_BUSY_SNAPSHOT.
    name = "_".join(getattr(error, "sqlite_errorname", "").split("_")[:2])
    return _ALIASES.get(name, name)


def translate(error: Exception, path: object) -> PenstockError:
    """Give the error to raise instead, ``from`` this one; ours are given back as they are."""
    if isinstance(error, PenstockError):
        return error
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.IntegrityError):
        return ConflictError("Something with this id exists already.")
    if not isinstance(cause, sqlite3.Error):
        return StoreError(f"The database {path} failed: {error!r}.", is_retryable=False)
    fault = _FAULTS.get(_primary_name(cause))
    if fault is None:
        return StoreError(f"The database {path} failed: {cause}.", is_retryable=False)
    code, sentence, is_retryable = fault
    return StoreError(sentence.format(path=path), code=code, is_retryable=is_retryable)
