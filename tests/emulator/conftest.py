"""A running emulator, and a client that sees what is on the wire: bytes, not meanings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest

from penstock.emulator.server import Emulator, start_emulator
from support.raw_http import Ask, Listen, Wire, read_answer, request_bytes


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """An emulator that never waits."""
    started = await start_emulator(profile="fast")
    yield started
    await started.close()


@pytest.fixture
def request_of() -> Callable[..., bytes]:
    """Give the writer of a v1 chat request."""

    def write(prompt: str = "count 20", model: str = "gpt-5.4-mini", **more: Any) -> bytes:
        body = {"model": model, "messages": [{"role": "user", "content": prompt}], "stream": True}
        return request_bytes("/openai/v1/chat/completions", body | more, {})

    return write


@pytest.fixture
def ask(emulator: Emulator) -> Ask:
    """Give a client of chat completions, whose keywords beside those named go into the body."""

    async def send(
        prompt: str = "count 20",
        *,
        model: str = "gpt-5.4-mini",
        path: str = "/openai/v1/chat/completions",
        headers: Mapping[str, str] | None = None,
        port: int | None = None,
        **more: Any,
    ) -> Wire:
        body = {"model": model, "messages": [{"role": "user", "content": prompt}], "stream": True} | more
        reader, writer = await asyncio.open_connection("127.0.0.1", port or emulator.port, limit=2**25)
        try:
            writer.write(request_bytes(path, body, headers or {}))
            return await read_answer(reader)
        finally:
            writer.close()

    return send


@pytest.fixture
def get() -> Ask:
    """Give a client for GET."""

    async def send(port: int, path: str, headers: Mapping[str, str] | None = None) -> Wire:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(request_bytes(path, None, headers or {}))
            return await read_answer(reader)
        finally:
            writer.close()

    return send


@pytest.fixture
def fail(ask: Ask) -> Ask:
    """Ask for a fault by its deployment's name."""

    async def send(name: str, prompt: str = "count 20", **more: Any) -> Wire:
        return await ask(prompt, model=f"fault-{name}", **more)

    return send


@pytest.fixture
async def listen(emulator: Emulator, request_of: Callable[..., bytes]) -> AsyncIterator[Listen]:
    """Ask for a fault and give the reader, for answers that never end."""
    writers: list[asyncio.StreamWriter] = []

    async def send(name: str, **more: Any) -> asyncio.StreamReader:
        reader, writer = await asyncio.open_connection("127.0.0.1", emulator.port)
        writers.append(writer)
        writer.write(request_of(model=f"fault-{name}", **more))
        return reader

    yield send
    for writer in writers:
        writer.close()
