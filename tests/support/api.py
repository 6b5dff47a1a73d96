"""A client of the HTTP API as a careful user would write it, with aiohttp and nothing of Penstock's own code."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp

TERMINALS = {"run-finished", "run-failed", "run-stopped", "run-interrupted"}


@dataclass
class Transcript:
    """What one follower received, in order."""

    run_id: str
    events: dict[int, dict[str, Any]] = field(default_factory=dict)
    """By offset: an offset that comes twice must carry the same event."""
    repeats: int = 0
    connections: int = 0
    """How often the server began to answer."""

    @property
    def last(self) -> int:
        """The greatest offset received, -1 before the first."""
        return max(self.events, default=-1)

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(event["text"] for _, event in sorted(self.events.items()) if event["type"] == "text-delta")

    @property
    def terminals(self) -> list[dict[str, Any]]:
        """The events that end the run."""
        return [event for _, event in sorted(self.events.items()) if event["type"] in TERMINALS]

    @property
    def is_gapless(self) -> bool:
        """Whether every offset from 0 on is there."""
        return list(range(len(self.events))) == sorted(self.events)

    def take(self, seq: int, event: dict[str, Any]) -> None:
        """Keep one event."""
        if seq in self.events:
            assert self.events[seq] == event, f"offset {seq} changed"
            self.repeats += 1
        self.events[seq] = event


ReadLog = Callable[[str], Awaitable[Transcript]]
"""Reads the log of a run to its end."""


class Api:
    """The server at ``url``."""

    def __init__(self, url: str, *, silence_s: float | None = None) -> None:
        """Open a session without limits of its own, but that ``silence_s`` without a byte ends a connection."""
        self.url = url
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, force_close=silence_s is not None),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=silence_s),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    async def get(self, path: str) -> Any:
        """Give the JSON at a path."""
        async with self.session.get(self.url + path) as response:
            body = await response.json(content_type=None)
            assert response.status == 200, body
            return body

    async def send(
        self, conversation_id: str, text: str, *, model: str, client_message_id: str | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Send a message and do not wait for the answer; gives the status and the body."""
        body = {"text": text, "model": model}
        if client_message_id is not None:
            body["client_message_id"] = client_message_id
        path = f"{self.url}/api/conversations/{conversation_id}/messages"
        async with self.session.post(path, json=body, headers={"Prefer": "respond-async"}) as response:
            return response.status, await response.json(content_type=None)

    async def follow(self, transcript: Transcript, *, after: int | None = None) -> Transcript:
        """Read on after an offset, the transcript's last one, until the stream ends, however it ends."""
        path = f"{self.url}/api/runs/{transcript.run_id}/events?after={transcript.last if after is None else after}"
        try:
            async with self.session.get(path) as response:
                if response.status == 503:
                    return transcript  # a server that starts, or whose database is away: the caller comes back
                assert response.status == 200, await response.text()
                transcript.connections += 1
                await self._read(response, transcript)
        except (aiohttp.ClientError, ConnectionError, asyncio.IncompleteReadError):
            pass  # a cut connection is what some tests are about: the transcript says how far it got
        return transcript

    async def wait_for_end(self, run_id: str) -> None:
        """Wait until a run has ended, without following it: a run goes on while somebody follows it."""
        async with asyncio.timeout(30):
            while (await self.get(f"/api/runs/{run_id}"))["status"] == "running":  # noqa: ASYNC110 - a server decides
                await asyncio.sleep(0.05)

    @staticmethod
    async def _read(response: aiohttp.ClientResponse, transcript: Transcript) -> None:
        rest = b""
        async for data in response.content.iter_any():
            *blocks, rest = (rest + data).split(b"\n\n")
            for block in blocks:
                fields = dict(line.split(b": ", 1) for line in block.split(b"\n") if not line.startswith(b":"))
                if b"data" in fields:
                    transcript.take(int(fields[b"id"]), json.loads(fields[b"data"]))

    async def stop(self, run_id: str) -> dict[str, Any]:
        """Stop a run; gives the receipt."""
        async with self.session.post(f"{self.url}/api/runs/{run_id}/stop", json={}) as response:
            body = await response.json(content_type=None)
            assert response.status == 200, body
            return body
