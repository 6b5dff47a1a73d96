"""HTTP by hand, for tests that promise bytes: a request written out, an answer read as it came."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any


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
"""A client of the tests: sends one request and gives the answer."""
Listen = Callable[..., Awaitable[asyncio.StreamReader]]
"""A client that gives the reader, for answers that never end."""


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
