"""Servers for the tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from penstock.server.settings import Settings, environment_name
from support.running import Running, Start, running


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the settings of whoever runs the tests out."""
    for name in Settings.model_fields:
        monkeypatch.delenv(environment_name(name), raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Start servers with settings of the test's own."""
    async with AsyncExitStack() as stack:

        async def start_one(**changes: Any) -> Running:
            return await stack.enter_async_context(running(tmp_path, changes))

        yield start_one


@pytest.fixture
async def server(start: Start) -> Running:
    """Start a server."""
    return await start()
