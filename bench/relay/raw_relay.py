"""The least that an ASGI server can do: aiohttp upstream, msgspec, one send per read. No log, no stop, no resume."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import msgspec


class Delta(msgspec.Struct):
    """The part of a chunk that a reader sees."""

    content: str | None = None


class Choice(msgspec.Struct):
    """One choice."""

    delta: Delta | None = None


class Chunk(msgspec.Struct):
    """One chunk."""

    choices: list[Choice] = []


decode = msgspec.json.Decoder(Chunk).decode
encode = msgspec.json.Encoder().encode
session: aiohttp.ClientSession | None = None


async def app(
    scope: dict[str, Any], receive: Callable[[], Awaitable[dict]], send: Callable[[dict], Awaitable[None]]
) -> None:
    """Relay one request."""
    global session  # noqa: PLW0603 - one session for the process, made on its loop
    if scope["type"] != "http":
        return
    if session is None:
        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    body = (await receive())["body"]
    url = os.environ["UPSTREAM"] + "/openai/v1/chat/completions"
    async with session.post(url, data=body, headers={"Content-Type": "application/json"}) as response:
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        rest = b""
        async for data in response.content.iter_any():
            *events, rest = (rest + data).split(b"\n\n")
            out = bytearray()
            for event in events:
                if event == b"data: [DONE]":
                    out += b"data: [DONE]\n\n"
                    continue
                for choice in decode(event[6:]).choices:
                    if choice.delta is not None and choice.delta.content:
                        out += b'data: {"content":' + encode(choice.delta.content) + b"}\n\n"
            if out:
                await send({"type": "http.response.body", "body": bytes(out), "more_body": True})
        await send({"type": "http.response.body", "body": b""})
