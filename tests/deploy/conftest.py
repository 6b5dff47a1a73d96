"""Real proxies with the configuration of ``deploy/``, before a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.programs import Program, emulator, server
from support.proxies import PROXIES, running_proxy

MODELS = ("gpt-5.4-mini", "fault-stall-first")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the module's programs."""
    return tmp_path_factory.mktemp("deploy")


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Program]:
    """The emulator."""
    program = emulator(folder, "async-filter")
    asyncio.run(program.start(ready="/emulator/stats"))
    yield program
    program.close()


@pytest.fixture(scope="module")
def penstock(folder: Path, service: Program) -> Iterator[Program]:
    """The server behind the proxies."""
    program = server(folder, service, *MODELS, PENSTOCK_HEARTBEAT_S="0.4")
    asyncio.run(program.start())
    yield program
    program.close()


@pytest.fixture(scope="module", params=sorted(PROXIES))
def front(request: pytest.FixtureRequest, folder: Path, penstock: Program) -> Iterator[str]:
    """The URL of each proxy in turn."""
    with running_proxy(request.param, folder, [penstock.port]) as url:
        yield url
