"""What PostgreSQL complains of, as errors that a person can act on: one table by SQLSTATE."""

from __future__ import annotations

from typing import Final

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from penstock.core.errors import CallerError, ConflictError, PenstockError, StoreError

_AWAY: Final = (
    "store_away",
    "The database at {place} does not answer: start it, or check PENSTOCK_DATABASE_URL and the network.",
    True,
)
_SIGN_IN: Final = (
    "store_forbidden",
    "The database at {place} refuses this user: check the user and the password in PENSTOCK_DATABASE_URL.",
    False,
)
_BUSY: Final = ("store_busy", "The database at {place} has no connection free: try again, or allow it more.", True)

_FAULTS: Final[dict[str, tuple[str, str, bool]]] = {
    "08": _AWAY,
    "57P": _AWAY,
    "28": _SIGN_IN,
    "3D000": (
        "store_missing",
        "There is no such database as {place}: create it, then run `penstock db upgrade`.",
        False,
    ),
    "42501": ("store_forbidden", "This user lacks rights in the database at {place}: grant them.", False),
    "42P01": ("store_schema", "The database at {place} lacks tables: run `penstock db upgrade`.", False),
    "53100": ("store_full", "The disk of the database at {place} is full: free some space, then try again.", True),
    "53300": _BUSY,
    "25006": ("store_unwritable", "The database at {place} takes no writes now: it is a standby, or set so.", True),
    "57014": ("store_slow", "The database at {place} took too long: try again.", True),
    "40": ("store_contended", "Others changed the same things at the same time: try again.", True),
}
"""By SQLSTATE or its beginning, the longest first that fits: our code, the sentence, and whether to try again helps."""

_UNIQUE: Final = "23505"
_NO_SUCH_CHARACTER: Final = "22021"
_AGAIN: Final = frozenset({_UNIQUE, "40001", "40P01"})


def cause_of(error: BaseException) -> BaseException:
    """Give the driver's own error, whatever it is wrapped in."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return cause.__cause__ if cause is not None and cause.__cause__ is not None else cause or error


def state_of(error: BaseException) -> str:
    """Give the SQLSTATE; empty when the server did not say one."""
    return getattr(cause_of(error), "sqlstate", None) or ""


def is_away(error: BaseException) -> bool:
    """Whether the connection is lost, or none could be made."""
    cause = cause_of(error)
    # The driver says InternalClientError when the server ends a connection between two of its steps.
    if isinstance(cause, OSError | TimeoutError | asyncpg.InterfaceError | asyncpg.InternalClientError):
        return True
    return _find(state_of(error)) is _AWAY


def may_pass(error: BaseException) -> bool:
    """Whether waiting a little may help: the database is away, or has no connection free."""
    return is_away(error) or isinstance(error, PoolTimeoutError) or _find(state_of(error)) is _BUSY


def is_worth_repeating(error: BaseException) -> bool:
    """Whether the same transaction may succeed at once: what spoiled it was another one, which is over."""
    return state_of(error) in _AGAIN


def translate(error: Exception, place: str) -> PenstockError:
    """Give the error to raise instead, ``from`` this one; ours are given back as they are. ``place`` has no secret."""
    if isinstance(error, PenstockError):
        return error
    state = state_of(error)
    if state == _UNIQUE:
        return ConflictError("Something with this id exists already.")
    if state == _NO_SUCH_CHARACTER:
        return CallerError("The text has a character that the database cannot keep (U+0000).")
    fault = _find(state)
    if fault is None and isinstance(error, PoolTimeoutError):
        fault = _BUSY
    if fault is None and is_away(error):
        fault = _AWAY
    if fault is None:
        return StoreError(f"The database at {place} failed: {cause_of(error)}.", is_retryable=False)
    code, sentence, is_retryable = fault
    return StoreError(sentence.format(place=place), code=code, is_retryable=is_retryable)


def _find(state: str) -> tuple[str, str, bool] | None:
    for length in (5, 3, 2):
        fault = _FAULTS.get(state[:length])
        if fault is not None:
            return fault
    return None
