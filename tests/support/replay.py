"""A model service made of a bare socket: it answers with given bytes, at a given pace and with a given end.

What to send stands in the request's last message, so that one server process can be shown every stream in every way.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from support.listening import Listening

_PATHS = re.compile(
    r"/openai/v1/chat/completions"
    r"|/openai/deployments/[^/?]+/chat/completions\?api-version=[0-9a-z-]+"
    r"|/v1/chat/completions"
)
_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
_LENGTH = re.compile(r"\r\ncontent-length: *(\d+)", re.IGNORECASE)

Ending = Literal["terminated", "fin", "close"]
"""A chunked body with its terminator; one that a FIN cuts before it; a body without length, which a FIN ends."""


@dataclass(frozen=True)
class Replay:
    """How to send a stream: its first ``size`` bytes, ``step`` bytes in a write."""

    stream: str
    size: int
    step: int
    ending: Ending

    @property
    def prompt(self) -> str:
        """The message that asks for it."""
        return json.dumps(asdict(self))


class ReplayService(Listening):
    """Answers every call of chat completions, on v1, classic and OpenAI's own paths, by what its prompt asks for."""

    def __init__(self, streams: Mapping[str, bytes]) -> None:
        """Keep the streams by name."""
        super().__init__()
        self._streams = streams
        self.requests: list[str] = []
        """Heads of the requests."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the calls of one connection."""
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                found = _LENGTH.search(head)
                body = json.loads(await reader.readexactly(int(found[1]) if found else 0) or b"{}")
                self.requests.append(head)
                await self._answer(writer, head, body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has closed

    async def _answer(self, writer: asyncio.StreamWriter, head: str, body: dict[str, Any]) -> None:
        method, target, _ = head.split(" ", 2)
        if method != "POST" or not _PATHS.fullmatch(target) or body.get("stream") is not True:
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
        replay = Replay(**json.loads(_prompt_of(body)))
        data = self._streams[replay.stream][: replay.size]
        is_chunked = replay.ending != "close"
        writer.write((_HEAD + ("Transfer-Encoding: chunked\r\n\r\n" if is_chunked else "\r\n")).encode())
        for start in range(0, len(data), replay.step):
            piece = data[start : start + replay.step]
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if is_chunked else piece)
            if start + replay.step < len(data):  # the end follows the last piece at once: both may come in one read
                await writer.drain()
                await asyncio.sleep(0)
        if replay.ending == "terminated":
            writer.write(b"0\r\n\r\n")
        else:
            writer.close()


def _prompt_of(body: dict[str, Any]) -> str:
    content = body["messages"][-1]["content"]
    return content if isinstance(content, str) else "".join(part["text"] for part in content)
