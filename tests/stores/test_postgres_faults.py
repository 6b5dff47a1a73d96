"""Every complaint of PostgreSQL becomes an error that a person can act on."""

from __future__ import annotations

import asyncpg
import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from penstock.core.errors import CallerError, ConflictError, NotFoundError, StoreError
from penstock.stores.postgres_faults import is_away, is_worth_repeating, may_pass, translate

PLACE = "db.example/chats"


@pytest.mark.parametrize(
    ("error", "code", "is_retryable"),
    [
        (ConnectionRefusedError(), "store_away", True),
        (TimeoutError(), "store_away", True),
        (asyncpg.AdminShutdownError("x"), "store_away", True),
        (asyncpg.CannotConnectNowError("x"), "store_away", True),
        (asyncpg.ConnectionDoesNotExistError("x"), "store_away", True),
        (asyncpg.InterfaceError("connection is closed"), "store_away", True),
        (asyncpg.InvalidPasswordError("x"), "store_forbidden", False),
        (asyncpg.InvalidCatalogNameError("x"), "store_missing", False),
        (asyncpg.InsufficientPrivilegeError("x"), "store_forbidden", False),
        (asyncpg.UndefinedTableError("x"), "store_schema", False),
        (asyncpg.DiskFullError("x"), "store_full", True),
        (asyncpg.TooManyConnectionsError("x"), "store_busy", True),
        (PoolTimeoutError("x"), "store_busy", True),
        (asyncpg.ReadOnlySQLTransactionError("x"), "store_unwritable", True),
        (asyncpg.QueryCanceledError("x"), "store_slow", True),
        (asyncpg.DeadlockDetectedError("x"), "store_contended", True),
        (asyncpg.DataError("x"), "store_error", False),
        (ZeroDivisionError("x"), "store_error", False),
    ],
)
def test_a_fault_has_its_code_and_names_the_place(error: Exception, code: str, is_retryable: bool):
    translated = translate(error, PLACE)
    assert isinstance(translated, StoreError)
    assert (translated.code, translated.is_retryable) == (code, is_retryable)
    assert PLACE in translated.message or code in {"store_contended", "store_slow"}


def test_what_is_taken_is_a_conflict_and_what_can_not_be_kept_the_callers_fault():
    assert isinstance(translate(asyncpg.UniqueViolationError("x"), PLACE), ConflictError)
    assert isinstance(translate(asyncpg.CharacterNotInRepertoireError("x"), PLACE), CallerError)


def test_our_own_errors_pass():
    ours = NotFoundError("There is no such run.")
    assert translate(ours, PLACE) is ours


def test_only_what_another_transaction_spoiled_is_repeated_at_once():
    assert is_worth_repeating(asyncpg.UniqueViolationError("x"))
    assert is_worth_repeating(asyncpg.SerializationError("x"))
    assert not is_worth_repeating(asyncpg.AdminShutdownError("x"))
    assert is_away(asyncpg.AdminShutdownError("x"))
    assert not is_away(asyncpg.UniqueViolationError("x"))


@pytest.mark.parametrize(
    "error", [ConnectionResetError(), asyncpg.TooManyConnectionsError("x"), PoolTimeoutError("x"), TimeoutError()]
)
def test_what_is_away_or_busy_may_pass(error: Exception):
    assert may_pass(error)


@pytest.mark.parametrize("error", [asyncpg.InvalidCatalogNameError("x"), asyncpg.InvalidPasswordError("x")])
def test_what_is_set_wrongly_does_not_pass(error: Exception):
    assert not may_pass(error)
