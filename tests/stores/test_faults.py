"""What SQLite complains of, in words that help."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from penstock.core.errors import ConflictError, NotFoundError, PenstockError, StoreError
from penstock.stores.faults import translate


def make_fault(name: str, kind: type[sqlite3.Error] = sqlite3.OperationalError) -> sqlite3.Error:
    error = kind("as SQLite says it")
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("name", "code", "is_retryable"),
    [
        ("SQLITE_FULL", "store_full", True),
        ("SQLITE_BUSY_SNAPSHOT", "store_locked", True),
        ("SQLITE_LOCKED", "store_locked", True),
        ("SQLITE_NOTADB", "store_corrupt", False),
        ("SQLITE_CORRUPT_VTAB", "store_corrupt", False),
        ("SQLITE_READONLY_DIRECTORY", "store_unwritable", False),
        ("SQLITE_PERM", "store_unwritable", False),
        ("SQLITE_CANTOPEN_ISDIR", "store_unwritable", False),
        ("SQLITE_IOERR_FSYNC", "store_io", True),
        ("SQLITE_MISUSE", "store_error", False),
    ],
)
def test_each_fault_has_a_code_and_a_sentence_that_names_the_file(name: str, code: str, is_retryable: bool):
    for error in (make_fault(name), OperationalError("SELECT 1", (), make_fault(name))):
        translated = translate(error, "chats.db")
        assert isinstance(translated, StoreError)
        assert (translated.code, translated.is_retryable) == (code, is_retryable)
        assert "chats.db" in translated.message
        assert "SELECT" not in translated.message


def test_an_id_that_is_taken_is_a_conflict():
    assert isinstance(translate(make_fault("SQLITE_CONSTRAINT_UNIQUE", sqlite3.IntegrityError), "x"), ConflictError)


def test_our_own_errors_stay_as_they_are():
    error: PenstockError = NotFoundError("There is no run x.")
    assert translate(error, "x") is error


def test_a_defect_is_no_reason_to_try_again():
    translated = translate(KeyError("x"), "chats.db")
    assert isinstance(translated, StoreError)
    assert not translated.is_retryable
