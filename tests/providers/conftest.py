"""A model service made of a bare socket, served by scripts of bytes, cuts and silences; and how the tests ask it."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

import pytest

from penstock.core import events as e
from penstock.core.errors import ProviderError
from penstock.core.messages import TextPart
from penstock.core.requests import InputMessage, ModelRequest
from penstock.providers.answer_stream import AnswerStream
from penstock.providers.azure_openai import AzureOpenAI, AzureOpenAISettings
from penstock.providers.http_client import Timeouts
from penstock.providers.retry import Chance

STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


class Exchange:
    """One request, and the means to answer it in any wrong way."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str, body: bytes) -> None:
        self.reader = reader
        self.writer = writer
        self.request_line, *lines = head.split("\r\n")
        self.headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines if line)}
        self.body: dict[str, Any] = json.loads(body) if body else {}

    async def start(self) -> None:
        self.writer.write(STREAM_HEAD)
        await self.writer.drain()

    async def send(self, data: bytes) -> None:
        self.writer.write(b"%x\r\n%s\r\n" % (len(data), data))
        await self.writer.drain()

    async def end(self) -> None:
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    async def stream(self, data: bytes) -> None:
        await self.start()
        await self.send(data)
        await self.end()

    async def answer(self, status: int, body: bytes | dict[str, Any], **headers: str) -> None:
        payload = json.dumps(body).encode() if isinstance(body, dict) else body
        kind = "application/json" if isinstance(body, dict) else "text/html"
        lines = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.writer.write(f"HTTP/1.1 {status} X\r\n{head}Content-Length: {len(payload)}\r\n\r\n".encode() + payload)
        await self.writer.drain()

    def reset(self) -> None:
        """Cut with RST instead of FIN."""
        self.writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    def cut(self) -> None:
        self.writer.close()

    async def client_is_gone(self) -> bool:
        """Wait until the client closes its socket."""
        try:
            return await self.reader.read(1) == b""
        except ConnectionError:
            return True


Script = Callable[[Exchange], Awaitable[None]]
Serve = Callable[..., Awaitable[Any]]


class RawService:
    """Serves scripts in the order of requests; the last one serves all that follow."""

    def __init__(self, *scripts: Script) -> None:
        self._scripts = list(scripts)
        self.exchanges: list[Exchange] = []
        self.connections = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._tasks.add(asyncio.get_running_loop().create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode()[:-4]
                length = next((int(line[16:]) for line in head.split("\r\n") if line.startswith("Content-Length: ")), 0)
                exchange = Exchange(reader, writer, head, await reader.readexactly(length))
                script = self._scripts[min(len(self.exchanges), len(self._scripts) - 1)]
                self.exchanges.append(exchange)
                await script(exchange)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[RawService]]]:
    services: list[RawService] = []

    async def start(*scripts: Script) -> RawService:
        service = RawService(*scripts)
        await service.start()
        services.append(service)
        return service

    yield start
    for service in services:
        await service.close()


# --- asking -----------------------------------------------------------------------------------------------------------

KEY = "key-0123456789abcdef"
NOW = 1_790_000_000.0
REQUEST = ModelRequest(model="dep", messages=(InputMessage(role="user", parts=(TextPart(text="Hi"),)),))


def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + json.dumps({"id": "c", "model": "m", "choices": [choice]}).encode() + b"\n\n"


ROLE = chunk({"role": "assistant", "content": ""})
ANSWER = ROLE + chunk({"content": "Hello"}) + chunk({}, "stop") + b"data: [DONE]\n\n"
USAGE_REFUSED = {"error": {"message": "Unrecognized request argument supplied: stream_options", "code": None}}


async def answer(x: Any) -> None:
    await x.stream(ANSWER)


def refuse(status: int, body: Any = None, **headers: str) -> Callable[[Any], Awaitable[None]]:
    async def script(x: Any) -> None:
        await x.answer(status, {"error": {"message": "No."}} if body is None else body, **headers)

    return script


@dataclass
class World:
    """Time that passes only by sleeping."""

    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def chance(self) -> Chance:
        return Chance(monotonic=lambda: sum(self.slept), now=lambda: NOW, sleep=self.sleep, random=lambda: 0.0)


def provider(service: Any, world: World | None = None, **limits: float) -> AzureOpenAI:
    settings = AzureOpenAISettings(
        endpoint=service.url,
        api_key=KEY,
        timeouts=Timeouts(**limits),
        chance=(world or World()).chance(),
    )
    return AzureOpenAI(settings)


async def collect(
    stream: AnswerStream, seen: asyncio.Event | None = None
) -> tuple[list[e.Event], ProviderError | None]:
    events: list[e.Event] = []
    try:
        async for batch in stream:
            assert batch
            events.extend(batch)
            if seen is not None:
                seen.set()
    except ProviderError as error:
        return events, error
    return events, None


async def ask(azure: AzureOpenAI, request: ModelRequest = REQUEST) -> tuple[list[e.Event], ProviderError | None]:
    try:
        return await collect(azure.open(request))
    finally:
        await azure.close()


def text_of(events: list[e.Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, e.TextDelta))


def stages(events: list[e.Event]) -> list[str]:
    return [event.state for event in events if isinstance(event, e.Progress)]
