"""An emulator, clients of its models, and programs served to them, for the tests of this folder."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest
import uvicorn
from starlette.types import ASGIApp

from support.running import until
from support.toolkit_fixtures import client, distant_emulator, emulator, own_environment, sync_client

__all__ = ["client", "distant_emulator", "emulator", "own_environment", "sync_client"]

Serve = Callable[[ASGIApp], Awaitable[str]]


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
