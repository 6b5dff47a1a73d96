"""How one journal row holds the batches of many runs: frames one after the other, and a mask of whose they are.

A frame is a head of nine bytes (length of the run id, offset of the first event, length of the lines: little-endian),
the run id, then the events' lines joined by newlines. The mask has one of 63 bits set per run: a row whose mask lacks
a run's bit holds nothing of that run, so that reading one run skips most rows without touching their payload.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Container, Iterator
from typing import Final

_HEAD: Final = struct.Struct("<BII")
MASK_BITS: Final = 63
"""An SQL integer has one more, for the sign."""


def mask_of(run_id: str) -> int:
    """Give the run's bit."""
    return 1 << (zlib.crc32(run_id.encode()) % MASK_BITS)


def write_frame(run_id: str, first_seq: int, lines: bytes) -> bytes:
    """Give the bytes of one batch."""
    name = run_id.encode()
    return b"%b%b%b" % (_HEAD.pack(len(name), first_seq, len(lines)), name, lines)


def read_frames(payload: bytes, wanted: Container[bytes]) -> Iterator[tuple[str, int, bytes]]:
    """Give run id, first offset and lines of the frames of the runs named in ``wanted`` (UTF-8), in order."""
    position, end, unpack = 0, len(payload), _HEAD.unpack_from
    while position < end:
        name_size, first_seq, lines_size = unpack(payload, position)
        start = position + _HEAD.size
        position = start + name_size + lines_size
        name = payload[start : start + name_size]
        if name in wanted:
            yield name.decode(), first_seq, payload[start + name_size : position]
