"""A real server in this process: a free port, a real database, the real emulator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from penstock.composition.settings import ModelSettings, Settings
from penstock.emulator.server import Emulator, start_emulator
from penstock.providers.own_code import Pipeline
from penstock.server.app import Application
from penstock.server.listener import bind
from penstock.server.process import Server, make_server

DEPLOYMENTS = {
    "fast": "gpt-5.4-mini",
    "slow": "profile-fast;token_ms=25",
    "silent": "fault-stall-first",
    "mute": "fault-stall-headers",
    "stalls": "fault-stall-middle;after=5",
    "wrong-key": "fault-401",
    "cut": "fault-cut-fin;at=6000",
    "limited": "fault-429-day",
}
"""Model's id -> the emulator's deployment."""


@dataclass
class Running:
    """A server that runs, and a client of it."""

    application: Application
    server: Server
    emulator: Emulator
    session: aiohttp.ClientSession
    port: int
    serving: asyncio.Task[None]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def call(self, method: str, path: str, **options: Any) -> Any:
        return self.session.request(method, self.url + path, **options)

    async def json(self, method: str, path: str, *, status: int = 200, **options: Any) -> Any:
        """Call, check the status, and give the decoded body."""
        async with self.call(method, path, **options) as response:
            text = await response.text()
            assert response.status == status, text
            return await response.json(content_type=None)

    async def send(self, conversation_id: str, text: str, *, model: str = "fast", **fields: Any) -> Any:
        """Send a message and leave the answer to itself."""
        return await self.json(
            "POST",
            f"/api/conversations/{conversation_id}/messages",
            json={"text": text, "model": model, **fields},
            headers={"Prefer": "respond-async"},
            status=202,
        )

    async def wait_for_end(self, run_id: str) -> str:
        """Read the run's events to the end; gives them."""
        async with self.call("GET", f"/api/runs/{run_id}/events") as response:
            return (await response.read()).decode()


Start = Callable[..., Awaitable[Running]]


@asynccontextmanager
async def running(
    folder: Path, changes: dict[str, Any], *, pipelines: dict[str, Pipeline] | None = None
) -> AsyncIterator[Running]:
    async with AsyncExitStack() as stack:
        emulator = await start_emulator(profile="fast")
        stack.push_async_callback(emulator.close)
        models = tuple(
            ModelSettings(
                id=name, provider="azure_openai", deployment=deployment, endpoint=emulator.url, api_key="test"
            )
            for name, deployment in DEPLOYMENTS.items()
        )
        settings = Settings(data_dir=folder / "data", port=0, models=models, drain_grace_s=0.2, **changes)
        listener = stack.enter_context(bind(settings))
        application = Application(settings, pipelines=pipelines)
        await stack.enter_async_context(application.open())
        server = make_server(application)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Running(application, server, emulator, session, listener.getsockname()[1], serving)
        # A whole shutdown waits for ticks of the clock; it is shown by test_process.py, and the others need not wait.
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
        for listening in server.servers:
            listening.close()
        for connection in tuple(server.server_state.connections):
            connection.transport.abort()


async def until(condition: Callable[[], bool], *, timeout_s: float = 60.0) -> None:
    """Wait for something that the server tells nobody."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - there is no event for it, and none is needed but by tests
            await asyncio.sleep(0.01)
