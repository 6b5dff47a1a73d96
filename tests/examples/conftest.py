"""The examples as a person runs them: installed from their lock files, against a server on the emulator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.programs import Program, serving

MODELS = ("gpt-5.4-mini=profile-fast;token_ms=10", "fault-no-finish", "fault-401")


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One server for all examples; its tokens come at a pace that can be watched."""
    with serving(tmp_path_factory.mktemp("examples"), *MODELS) as program:
        yield program


@pytest.fixture(scope="session")
def examples() -> Path:
    """The folder of the examples."""
    return Path(__file__).resolve().parents[2] / "examples"
