"""The model service of the benchmark: full-size Azure chunks from raw protocols, in bursts or paced.

The deployment's name says what is streamed: ``burst-1000`` is 1,000 tokens as fast as the socket takes them;
``paced-50-400`` is 400 tokens at 50 per second, one token a write, all streams of one slot on one timer. Every token is
its own event and HTTP chunk; its text is the time it was written, in microseconds of the monotonic clock, 16 digits.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time

import uvloop

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n"
    b"apim-request-id: benchmark\r\nx-ms-region: East US 2\r\n\r\n"
)
TAIL = (
    b',"created":1785610058,"id":"chatcmpl-EBenchmarkAbCdEfGhIjKlMnOpQr","model":"gpt-5.4-mini-2026-03-17",'
    b'"obfuscation":"xxxxxxxxxx","object":"chat.completion.chunk","service_tier":"default","system_fingerprint":null,"usage":null}'
)
FILTERS = (
    b'{"hate":{"filtered":false,"severity":"safe"},"self_harm":{"filtered":false,"severity":"safe"},'
    b'"sexual":{"filtered":false,"severity":"safe"},"violence":{"filtered":false,"severity":"safe"}}'
)


def chunk(payload: bytes) -> bytes:
    """Frame one event as one HTTP chunk."""
    event = b"data: " + payload + b"\n\n"
    return b"%x\r\n%b\r\n" % (len(event), event)


STAMP_BYTES = 16
SAMPLE = b"0" * STAMP_BYTES
BEFORE, AFTER = chunk(
    b'{"choices":[{"content_filter_results":' + FILTERS + b',"delta":{"content":"' + SAMPLE + b'"},'
    b'"finish_reason":null,"index":0,"logprobs":null}]' + TAIL
).split(SAMPLE)
"""What stands around a token's text, made once: the service must never be what limits a round."""


def token(text: bytes) -> bytes:
    """Give the chunk of one token of 16 bytes."""
    return BEFORE + text + AFTER


OPENER = chunk(
    b'{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,'
    b'"content_filter_results":' + FILTERS + b"}]}"
) + chunk(
    b'{"choices":[{"content_filter_results":{},"delta":{"content":"","refusal":null,"role":"assistant"},'
    b'"finish_reason":null,"index":0,"logprobs":null}]' + TAIL
)


def closer(count: int) -> bytes:
    """Give the finish, usage and [DONE] events and the end of the body."""
    usage = b'{"completion_tokens":%d,"prompt_tokens":10,"total_tokens":%d}' % (count, count + 10)
    return (
        chunk(
            b'{"choices":[{"content_filter_results":{},"delta":{},"finish_reason":"stop","index":0,"logprobs":null}]'
            + TAIL
        )
        + chunk(b'{"choices":[]' + TAIL.replace(b'"usage":null', b'"usage":' + usage))
        + b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"
    )


def stamp() -> bytes:
    """Give the monotonic time in microseconds, 16 digits."""
    return b"%016d" % (time.monotonic_ns() // 1000)


class Service(asyncio.Protocol):
    """One connection; keep-alive, one request at a time."""

    def __init__(self, wheel: Wheel) -> None:
        """Keep the wheel that paces all streams."""
        self.wheel = wheel
        self.buffer = b""
        self.left = 0
        self.count = 0
        self.is_writable = asyncio.Event()
        self.is_writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.left = 0
        self.is_writable.set()

    def pause_writing(self) -> None:
        self.is_writable.clear()

    def resume_writing(self) -> None:
        self.is_writable.set()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        if head.startswith(b"GET"):  # proxies look for models
            self.buffer = b""
            self.transport.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
        length = int(re.search(rb"(?i)content-length: *(\d+)", head)[1])
        if len(body) < length:
            return
        self.buffer = b""
        kind, *numbers = re.search(rb"(burst|paced)-([\d-]+)", head + body).group().split(b"-")
        if kind == b"burst":
            self.count = int(numbers[0])
            self.task = asyncio.get_running_loop().create_task(self.burst())
        else:
            self.count = self.left = int(numbers[1])
            self.transport.write(HEAD + OPENER)
            self.wheel.add(self, 1000 // int(numbers[0]))

    async def burst(self) -> None:
        """Write all tokens, each its own event, as fast as the reader reads."""
        self.transport.write(HEAD + OPENER)
        for _ in range(self.count):
            await self.is_writable.wait()
            self.transport.write(token(stamp()))
        self.transport.write(closer(self.count))

    def tick(self) -> bool:
        """Write one token; False when that was the last."""
        if self.left <= 0 or self.transport.is_closing():
            return False
        self.transport.write(token(stamp()))
        self.left -= 1
        if self.left:
            return True
        self.transport.write(closer(self.count))
        return False


class Wheel:
    """Paces every stream of one interval from slots of one millisecond."""

    def __init__(self) -> None:
        """Start with no stream."""
        self.slots: dict[int, list[Service]] = {}
        self.interval = 0
        self.position = 0

    def add(self, service: Service, interval_ms: int) -> None:
        """Pace a stream; all streams of a run have one interval."""
        self.interval = interval_ms
        slot = min(range(interval_ms), key=lambda index: len(self.slots.setdefault(index, [])))
        self.slots[slot].append(service)

    async def turn(self) -> None:
        """Turn for ever, catching up when late."""
        started = time.monotonic()
        while True:
            due = int((time.monotonic() - started) * 1000)
            while self.position < due:
                self.position += 1
                if self.interval:
                    slot = self.position % self.interval
                    self.slots[slot] = [service for service in self.slots.get(slot, []) if service.tick()]
            await asyncio.sleep(0.001)


async def main(port: int) -> None:
    """Serve until killed; prints the port."""
    wheel = Wheel()
    server = await asyncio.get_running_loop().create_server(lambda: Service(wheel), "127.0.0.1", port, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await wheel.turn()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
