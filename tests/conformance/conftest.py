"""Published clients, versions pinned in ``js/package.json``, against a ``penstock serve`` on the emulator."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import node
from support.programs import Program, emulator, server

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
    folder = tmp_path_factory.mktemp("conformance")
    service = emulator(folder, "fast")
    started = server(folder, service, *MODELS)
    try:
        asyncio.run(service.start(ready="/emulator/stats"))
        asyncio.run(started.start())
        yield started
    finally:
        started.close()
        service.close()
