"""A running emulator, and a client that sees what is on the wire: bytes, not meanings."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from penstock.emulator.server import Emulator, start_emulator


@dataclass(frozen=True, kw_only=True)
class Wire:
    """An HTTP answer as it came over the socket."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    ending: str
    """``complete``, ``eof`` (closed inside the body) or ``reset``."""

    @property
    def json(self) -> Any:
        """The body as one document."""
        return json.loads(self.body)

    @property
    def data(self) -> list[str]:
        """What follows ``data: `` in each event."""
        return [event.removeprefix("data: ") for event in self.body.decode().split("\n\n") if event]

    @property
    def chunks(self) -> list[Any]:
        """The events but ``[DONE]``, parsed."""
        return [json.loads(data) for data in self.data if data != "[DONE]"]

    @property
    def text(self) -> str:
        """The text of all deltas."""
        choices = [choice for chunk in self.chunks for choice in chunk.get("choices", [])]
        return "".join(choice.get("delta", {}).get("content") or "" for choice in choices)


Ask = Callable[..., Awaitable[Wire]]


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """An emulator that never waits."""
    started = await start_emulator(profile="fast")
    yield started
    await started.close()


def request_bytes(path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]) -> bytes:
    """Write a request by hand."""
    payload = b"" if body is None else json.dumps(body).encode()
    lines = [
        f"{'GET' if body is None else 'POST'} {path} HTTP/1.1",
        "Host: emulator",
        f"Content-Length: {len(payload)}",
    ]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + payload


async def read_answer(reader: asyncio.StreamReader) -> Wire:
    """Read one answer to its end, whatever that is."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    pairs = (line.split(": ", 1) for line in head[1:] if line)
    headers = {name.lower(): value for name, value in pairs}
    body = bytearray()
    ending = "complete"
    try:
        if "content-length" in headers:
            body += await reader.readexactly(int(headers["content-length"]))
        else:
            while size := int(await reader.readuntil(b"\r\n"), 16):
                body += (await reader.readexactly(size + 2))[:-2]
            await reader.readexactly(2)
    except asyncio.IncompleteReadError:
        ending = "eof"
    except ConnectionResetError:
        ending = "reset"
    return Wire(status=int(head[0].split()[1]), headers=headers, body=bytes(body), ending=ending)


@pytest.fixture
def request_of() -> Callable[..., bytes]:
    """Give the writer of a v1 chat request."""

    def write(prompt: str = "count 20", model: str = "gpt-5.4-mini", **more: Any) -> bytes:
        body = {"model": model, "messages": [{"role": "user", "content": prompt}], "stream": True}
        return request_bytes("/openai/v1/chat/completions", body | more, {})

    return write


@pytest.fixture
def ask(emulator: Emulator) -> Ask:
    """Give a client: ``await ask(prompt, model=, path=, headers=, body=...)`` is what was on the wire."""

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
    """Give a client for GET: ``await get(port, path, headers)``."""

    async def send(port: int, path: str, headers: Mapping[str, str] | None = None) -> Wire:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(request_bytes(path, None, headers or {}))
            return await read_answer(reader)
        finally:
            writer.close()

    return send
