"""A proxy between two hops that does to a connection what networks do: seeded, so that a failure can be repeated.

Each connection gets a `Fate` when it is accepted. It bears on what comes back from the target; what goes to the target
is passed on whole, but for a cut, which ends both ways.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from support.listening import Listening

Ending = Literal["fin", "rst", "stall"]
ABORT = struct.pack("ii", 1, 0)
"""SO_LINGER with no time to linger: closing sends RST."""


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What happens to one connection."""

    delay_s: float = 0.0
    """Before the first byte comes back."""
    jitter_s: float = 0.0
    """The longest further wait before each piece."""
    piece_bytes: int = 0
    """Cut what comes back into pieces of this size, each a write of its own; 0 leaves it as it was read."""
    rate_bytes_s: float | None = None
    """Throttle to so many bytes a second."""
    cut_after_bytes: int | None = None
    """Break it after exactly so many bytes have come back; None leaves it whole."""
    ending: Ending = "fin"
    """How it breaks: closed, reset, or silent for `stall_s` and then reset."""
    stall_s: float = 3.0
    lag_s: float = 0.0
    """How long after the target's end the connection is closed."""


class ChaosProxy(Listening):
    """Listens on a free port and passes each connection on to one of ``ports``; `fates` counts how they ended."""

    def __init__(self, ports: Sequence[int], draw: Callable[[], Fate], *, seed: int) -> None:
        """Keep the targets; ``draw`` gives each connection its fate."""
        super().__init__()
        self.targets = ports
        self.fates: Counter[str] = Counter()
        self._draw = draw
        self._random = random.Random(seed)

    def stand_before(self, url: str) -> str:
        """Give the URL with this port for its own."""
        parts = urlsplit(url)
        return parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{self.port}").geturl()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on, both ways."""
        try:
            far_reader, far = await asyncio.open_connection("127.0.0.1", self._random.choice(self.targets))
        except OSError:
            self.fates["refused"] += 1
            close(writer, "rst")
            return
        ways = (
            asyncio.create_task(self._up(reader, far)),
            asyncio.create_task(self._down(far_reader, writer, self._draw())),
        )
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            await hang_up(writer, far)

    @staticmethod
    async def _up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what is asked, until the asker goes."""
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fate: Fate) -> None:
        """Pass on what is answered, until its end or its fate."""
        left = fate.cut_after_bytes
        await asyncio.sleep(fate.delay_s)
        try:
            while data := await reader.read(65536):
                await self._write(writer, data[:left], fate)
                if left is not None and len(data) >= left:
                    await self._break(writer, fate)
                    return
                left = None if left is None else left - len(data)
        except ConnectionError:
            self.fates["left"] += 1
            return
        self.fates["whole"] += 1
        await asyncio.sleep(fate.lag_s)

    async def _write(self, writer: asyncio.StreamWriter, data: bytes, fate: Fate) -> None:
        size = fate.piece_bytes or len(data)
        for start in range(0, len(data), size or 1):
            piece = data[start : start + size]
            wait_s = self._random.uniform(0, fate.jitter_s) + (
                len(piece) / fate.rate_bytes_s if fate.rate_bytes_s else 0
            )
            await asyncio.sleep(wait_s)
            writer.write(piece)
            await writer.drain()

    async def _break(self, writer: asyncio.StreamWriter, fate: Fate) -> None:
        self.fates[fate.ending] += 1
        if fate.ending == "stall":
            await asyncio.sleep(fate.stall_s)
        close(writer, "fin" if fate.ending == "fin" else "rst")


def close(writer: asyncio.StreamWriter, ending: Ending) -> None:
    """Close a connection the named way."""
    endpoint = writer.get_extra_info("socket")
    if ending == "rst" and endpoint is not None:
        with contextlib.suppress(OSError):
            endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        writer.transport.abort()
        return
    writer.close()


async def hang_up(*writers: asyncio.StreamWriter) -> None:
    """Close connections, those by force whose other side does not take the rest."""
    for writer in writers:
        writer.close()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)
            return
    for writer in writers:
        writer.transport.abort()
    await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)


def any_fate(choices: random.Random, *, cut: float, most_bytes: int) -> Fate:
    """Draw a fate: with the likelihood ``cut`` it breaks within ``most_bytes``, early more often than late."""
    breaks = choices.random() < cut
    slow = choices.random()
    return Fate(
        delay_s=choices.uniform(0, 0.02) if choices.random() < 0.3 else 0.0,
        jitter_s=0.005 if slow < 0.1 else 0.0,
        piece_bytes=choices.choice((0, 0, 0, 0, 1, 7, 61)) if breaks else 0,
        rate_bytes_s=200_000.0 if 0.1 <= slow < 0.2 else None,
        cut_after_bytes=int(most_bytes ** choices.uniform(0.3, 1)) if breaks else None,
        ending=choices.choices(("fin", "rst", "stall"), (5, 5, 1))[0],
        lag_s=choices.uniform(0, 0.1) if choices.random() < 0.1 else 0.0,
    )
