"""Measures microseconds per chunk of the SSE reader and the chat-completions decoder, on a synthetic Azure stream.

Prints one JSON object: the best and the median of several rounds, for 32 chunks a read (a burst) and one chunk a read
(paced), and for the parts of the way. Run: ``python bench/decode.py``.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable

from penstock.core.events import TextDelta
from penstock.providers.chat_chunks import ChatChunkDecoder
from penstock.providers.error_shapes import Service
from penstock.providers.foreign_json import parse_json
from penstock.providers.sse import SseReader

CHUNKS = 4096
ROUNDS = 15
HEAD = {"created": 1785610058, "id": "chatcmpl-E8921234567890abcdefghijklmn", "model": "gpt-5.4-mini-2026-03-17"}
TAIL = {"object": "chat.completion.chunk", "service_tier": "default", "system_fingerprint": "fp_0123456789"}


def make_chunk(text: str, number: int) -> bytes:
    """Make one chunk as Azure writes it: keys in alphabetical order, no spaces."""
    choice = {
        "content_filter_results": {},
        "delta": {"content": text},
        "finish_reason": None,
        "index": 0,
        "logprobs": None,
    }
    padding = {"obfuscation": "zRjUjF8EZi5gjG"[: number % 14]}
    chunk = {"choices": [choice], **HEAD, **padding, **TAIL, "usage": None}
    return b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n"


def measure(work: Callable[[list[bytes]], int], reads: list[bytes]) -> dict[str, float]:
    """Time the work over all reads, several times."""
    figures: list[float] = []
    for _ in range(ROUNDS):
        begun = time.perf_counter_ns()
        count = work(reads)
        figures.append((time.perf_counter_ns() - begun) / count / 1000)
    return {"best_us": round(min(figures), 3), "median_us": round(statistics.median(figures), 3)}


def decode(reads: list[bytes]) -> int:
    """Go the whole way: bytes to events."""
    decoder = ChatChunkDecoder(Service("service", "model"))
    decoder.feed(make_chunk("Start", 0))
    characters = 0
    for read in reads:
        for event in decoder.feed(read):
            if isinstance(event, TextDelta):
                characters += len(event.text)
    assert decoder.error is None
    assert characters == sum(len(f" word{number % 100}") for number in range(CHUNKS))
    return CHUNKS


def split(reads: list[bytes]) -> int:
    """Use only the SSE reader."""
    reader = SseReader()
    return sum(len(reader.feed(read)) for read in reads)


def split_by_line(reads: list[bytes]) -> int:
    """Use only the SSE reader, by the way that any stream can take."""
    reader = SseReader()
    return sum(len(reader._feed_lines(read)) for read in reads)  # noqa: SLF001 - the part that is measured


def parse(reads: list[bytes]) -> int:
    """Read the JSON of each chunk into plain dicts, for comparison."""
    reader = SseReader()
    return sum(1 for read in reads for payload in reader.feed(read) if parse_json(payload))


def main() -> None:
    """Print the figures."""
    chunks = [make_chunk(f" word{number % 100}", number) for number in range(CHUNKS)]
    bursts = [b"".join(chunks[first : first + 32]) for first in range(0, CHUNKS, 32)]
    figures = {
        "chunk_bytes": round(sum(map(len, chunks)) / CHUNKS),
        "decode_32_per_read": measure(decode, bursts),
        "decode_1_per_read": measure(decode, chunks),
        "sse_32_per_read": measure(split, bursts),
        "sse_1_per_read": measure(split, chunks),
        "sse_by_line_32_per_read": measure(split_by_line, bursts),
        "sse_and_plain_json_32_per_read": measure(parse, bursts),
    }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
