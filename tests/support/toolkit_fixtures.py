"""An emulator, and clients of its models: fixtures of the tests that speak to the toolkit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from penstock.emulator.server import Emulator, start_emulator
from penstock.toolkit.client import Client
from penstock.toolkit.portal import Portal
from penstock.toolkit.sync_client import SyncClient
from support.environment import clear_environment
from support.toolkit import settings_of


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the settings of whoever runs the tests out."""
    clear_environment(monkeypatch, tmp_path)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """An emulator in this loop."""
    emulator = await start_emulator(profile="fast")
    yield emulator
    await emulator.close()


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    """A client of the emulator's models."""
    async with Client(settings_of(emulator)) as client:
        yield client


@pytest.fixture
def distant_emulator() -> Iterator[Emulator]:
    """An emulator in another thread, for tests without a loop."""
    with Portal() as portal:
        emulator = portal.call(start_emulator(profile="fast"))
        yield emulator
        portal.call(emulator.close())


@pytest.fixture
def sync_client(distant_emulator: Emulator) -> Iterator[SyncClient]:
    """A client for tests without a loop."""
    with SyncClient(settings_of(distant_emulator)) as client:
        yield client
