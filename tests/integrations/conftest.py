"""An emulator, and clients of its models, for the tests of this folder."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import uvicorn
from starlette.types import ASGIApp

from penstock.emulator.server import Emulator, start_emulator
from penstock.toolkit.client import Client
from penstock.toolkit.portal import Portal
from penstock.toolkit.sync_client import SyncClient
from support.environment import clear_environment
from support.running import until
from support.toolkit import settings_of

Serve = Callable[[ASGIApp], Awaitable[str]]


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the settings of whoever runs the tests out."""
    clear_environment(monkeypatch, tmp_path)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """An emulator in this loop."""
    emulator = await start_emulator(profile="fast")
    yield emulator
    await emulator.close()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serve a program with uvicorn as anybody would; gives its address."""
    async with AsyncExitStack() as stack:

        async def serve_one(app: ASGIApp) -> str:
            return await stack.enter_async_context(_serving(app))

        yield serve_one


@asynccontextmanager
async def _serving(app: ASGIApp) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
        server.install_signal_handlers = lambda: None  # pyright: ignore[reportAttributeAccessIssue] - pytest has the signals
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        await until(lambda: server.started or serving.done())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A client."""
    async with aiohttp.ClientSession() as session:
        yield session


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
