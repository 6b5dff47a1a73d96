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
sessions: list[aiohttp.ClientSession] = []


def session() -> aiohttp.ClientSession:
    """Give the one session, made on the server's loop."""
    if not sessions:
        sessions.append(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
    return sessions[0]


def relay(event: bytes) -> bytes:
    """Turn one event of the service into one for the page."""
    if event == b"data: [DONE]":
        return b"data: [DONE]\n\n"
    texts = (choice.delta.content for choice in decode(event[6:]).choices if choice.delta is not None)
    return b"".join(b'data: {"content":' + encode(text) + b"}\n\n" for text in texts if text)


async def app(
    scope: dict[str, Any], receive: Callable[[], Awaitable[dict]], send: Callable[[dict], Awaitable[None]]
) -> None:
    """Relay one request."""
    if scope["type"] != "http":
        return
    body = (await receive())["body"]
    url = os.environ["UPSTREAM"] + "/openai/v1/chat/completions"
    async with session().post(url, data=body, headers={"Content-Type": "application/json"}) as response:
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        rest = b""
        async for data in response.content.iter_any():
            *events, rest = (rest + data).split(b"\n\n")
            out = b"".join(map(relay, events))
            if out:
                await send({"type": "http.response.body", "body": out, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
