"""Servers for the tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from support.environment import clear_environment
from support.running import Running, Start, running


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the settings of whoever runs the tests out."""
    clear_environment(monkeypatch, tmp_path)


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
