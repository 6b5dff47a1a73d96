"""Framing of Server-Sent Events (WHATWG HTML, section 9.2), shared by every dialect that speaks it.

Only ``id:`` and ``data:`` lines are written: a named ``event:`` makes every AI SDK version fail. Payloads are JSON made
by msgspec, which holds no line break, so that one payload is one ``data:`` line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

MEDIA_TYPE: Final = "text/event-stream"
COME_BACK: Final = b"retry: 100\n\n"
"""Tells an ``EventSource`` to come back in 100 ms. It dispatches nothing, and carries no ``id:``."""
DONE: Final = b"data: [DONE]\n\n"
"""The end mark of OpenAI's streams. It has no ``id:``: a reader that has the terminal needs nothing more."""


def frame(seq: int, payload: bytes) -> bytes:
    """Frame the payload of one canonical event; ``seq`` is that event's offset."""
    return b"id: %d\ndata: %b\n\n" % (seq, payload)


def frames(seq: int, payloads: Sequence[bytes]) -> bytes:
    """Frame the payloads of one event. Only the last is tagged: a reader cut between them gets all of them again."""
    if len(payloads) == 1:
        return b"id: %d\ndata: %b\n\n" % (seq, payloads[0])
    if not payloads:
        return b""
    untagged = b"".join([b"data: %b\n\n" % payload for payload in payloads[:-1]])
    return untagged + frame(seq, payloads[-1])
