"""Published clients, versions pinned in ``js/package.json``, against a ``penstock serve`` on the emulator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support import node
from support.api import Api, ReadLog, Transcript
from support.programs import Program, serving

JS = Path(__file__).parent / "js"
MODELS = (
    "gpt-5.4-mini",
    "deepseek-r1",
    "slow=profile-fast;token_ms=15",
    "fault-401",
    "fault-429-day",
    "fault-filter-classic",
    "fault-error-frame",
    "fault-no-finish",
    "fault-cut-fin",
    "fault-cut-rst",
    "fault-filter-inline",
    "fault-filter-async",
)


@pytest.fixture(scope="session")
def js() -> Path:
    """The folder of the clients' scripts, with the clients installed."""
    node.install(JS)
    return JS


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One server for all clients."""
    with serving(tmp_path_factory.mktemp("conformance"), *MODELS) as program:
        yield program


@pytest.fixture
def read_log(program: Program) -> ReadLog:
    """Read the log of a run to its end."""

    async def read(run_id: str) -> Transcript:
        async with Api(program.url) as api:
            log = await api.follow(Transcript(run_id))
        assert log.is_gapless
        assert len(log.terminals) == 1
        return log

    return read
