"""The readers of the benchmark: N streams at once over raw protocols, each read to its end. Prints one JSON line.

A token's text is the time at which the model service wrote it: the added latency is the reader's time minus that, taken
on every tenth stream. The chunked framing is taken off first, because a relay may cut a token's text in two by it. A
stream has ended when the last chunk came, and is complete when all tokens of the text arrived.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time

import uvloop

STAMP = re.compile(rb"\d{16}")
STAMP_BYTES = 16


class Chunks:
    """Takes the framing of a chunked answer off, whatever its cuts."""

    def __init__(self) -> None:
        """Start before the head of the answer."""
        self.is_in_head = True
        self.has_ended = False
        self.buffer = b""

    def feed(self, data: bytes) -> bytes:
        """Take bytes of the connection, give bytes of the body."""
        data = self.buffer + data
        position = 0
        if self.is_in_head:
            position = data.find(b"\r\n\r\n") + 4
            if position < 4:
                self.buffer = data
                return b""
            self.is_in_head = False
        pieces = []
        while (end := data.find(b"\r\n", position)) >= 0:
            size = int(data[position:end], 16)
            following = end + 2 + size + 2
            if following > len(data):
                break
            if not size:
                self.has_ended = True
                break
            pieces.append(data[end + 2 : following - 2])
            position = following
        self.buffer = data[position:]
        return b"".join(pieces)


class Reader(asyncio.Protocol):
    """One stream."""

    def __init__(self, load: Load, *, is_sampled: bool) -> None:
        """Keep where to count."""
        self.load = load
        self.is_sampled = is_sampled
        self.first: float | None = None
        self.chunks = Chunks()
        self.tail = b""
        self.tokens = 0

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self.sent = time.monotonic()
        transport.write(self.load.request)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns() // 1000
        text = self.tail + self.chunks.feed(data)
        stamps = STAMP.findall(text)
        # A stamp cut in two is found whole next time; one found now must not be found again.
        end = text.rfind(stamps[-1]) + STAMP_BYTES if stamps else 0
        self.tail = text[max(end, len(text) - STAMP_BYTES + 1) :]
        if stamps:
            if self.first is None:
                self.first = time.monotonic() - self.sent
            self.tokens += len(stamps)
            self.load.tokens += len(stamps)
            if self.is_sampled:
                self.load.latencies.extend(now - int(stamp) for stamp in stamps)
        if self.chunks.has_ended:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.load.ended(self)


class Load:
    """All streams of one round."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        """Build the request once."""
        self.expected = arguments.tokens
        self.tokens = 0
        self.complete = 0
        self.latencies: list[int] = []
        self.firsts: list[float] = []
        self.open = 0
        self.done = asyncio.Event()
        body = arguments.body.encode()
        self.request = (
            f"POST {arguments.path} HTTP/1.1\r\nHost: 127.0.0.1:{arguments.port}\r\nContent-Type: application/json\r\n"
            f"api-key: benchmark\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def ended(self, reader: Reader) -> None:
        """Count a stream that ended."""
        self.complete += reader.tokens >= self.expected
        if reader.first is not None:
            self.firsts.append(reader.first)
        self.open -= 1
        if not self.open:
            self.done.set()

    async def run(self, port: int, streams: int, ramp_s: float) -> dict[str, object]:
        """Open all streams over ``ramp_s`` seconds and read them to their ends."""
        loop = asyncio.get_running_loop()
        self.open = streams
        started = time.monotonic()
        for index in range(streams):
            is_sampled = index % 10 == 0
            await loop.create_connection(lambda sampled=is_sampled: Reader(self, is_sampled=sampled), "127.0.0.1", port)
            if ramp_s:
                await asyncio.sleep(ramp_s / streams)
        opened = time.monotonic()
        print(json.dumps({"opened": streams}), flush=True)
        await asyncio.wait_for(self.done.wait(), 180)
        latencies = sorted(self.latencies)
        firsts = sorted(self.firsts)
        return {
            "complete": self.complete,
            "tokens": self.tokens,
            "seconds": time.monotonic() - started,
            "seconds_after_open": time.monotonic() - opened,
            "latency_ms": {f"p{p}": latencies[len(latencies) * p // 100] / 1000 for p in (50, 99)} if latencies else {},
            "first_token_ms": {f"p{p}": firsts[len(firsts) * p // 100] * 1000 for p in (50, 99)} if firsts else {},
        }


async def main() -> None:
    """Run one round from the command line's arguments."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", required=True)
    parser.add_argument("--body", required=True)
    parser.add_argument("--streams", type=int, required=True)
    parser.add_argument("--tokens", type=int, required=True)
    parser.add_argument("--ramp-s", type=float, default=0.0)
    arguments = parser.parse_args()
    load = Load(arguments)
    print(json.dumps(await load.run(arguments.port, arguments.streams, arguments.ramp_s)), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
