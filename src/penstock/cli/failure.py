"""How a command fails: one sentence on standard error and an exit code, never a traceback."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Generator
from typing import Final

import typer

from penstock.core.errors import PenstockError

USAGE: Final = 2
"""Exit code for a wrong setting or argument."""
FAILURE: Final = 1
"""Exit code for everything else that is not well."""


def fail(sentence: str, *, code: int = FAILURE) -> typer.Exit:
    """Print the sentence; to be raised."""
    print(sentence, file=sys.stderr)
    return typer.Exit(code)


@contextlib.contextmanager
def one_sentence() -> Generator[None]:
    """Turn Penstock's own errors into their sentence."""
    try:
        yield
    except PenstockError as error:
        raise fail(error.message, code=USAGE if error.code == "wrong_setting" else FAILURE) from None
