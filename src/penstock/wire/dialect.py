"""What a wire dialect is. One file per dialect beside this one; no I/O, no clock, and no dialect knows another.

The composition root hands the list of dialects to ``wire/negotiation.py``; nobody else names one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from msgspec import Struct

from penstock.core.events import Json
from penstock.core.log import Batch
from penstock.core.requests import ChatRequest


class StreamContext(Struct, frozen=True, kw_only=True):
    """What an encoder may need to know beside the events."""

    run_id: str
    message_id: str
    model: str
    created_at: float
    """Unix seconds of the run's begin."""
    conversation_id: str | None = None
    parameters: Mapping[str, str] = {}
    """The query string: a dialect reads its own switches from it (``dialect=6``)."""


class Encoder(Protocol):
    """Events -> bytes of one answer. Stateful; fed every batch from offset 0 in order, whole or in parts.

    To resume after an offset, the server feeds what lies before it and throws those bytes away.
    """

    @property
    def status(self) -> int:
        """The HTTP status; for a dialect that ``is_whole`` it is known once the terminal was fed, else 200."""
        ...

    @property
    def must_cut(self) -> bool:
        """True when the dialect has no words for how the run ended: the server then breaks the connection."""
        ...

    def encode(self, batch: Batch) -> bytes:
        """Give the bytes for this batch, possibly none."""
        ...


class Dialect(Struct, frozen=True, kw_only=True):
    """A dialect: how it is chosen, how its request reads, how its answer is written."""

    name: str
    media_type: str
    """``Content-Type`` of the answer, and what ``Accept`` may name."""
    open: Callable[[StreamContext], Encoder]
    decode: Callable[[Mapping[str, Json]], ChatRequest]
    """Read a request body; raises `CallerError` that names the field."""
    recognise: Callable[[Mapping[str, Json]], bool] = lambda _body: False
    """Whether the body can only be of this dialect."""
    headers: tuple[tuple[str, str], ...] = ()
    """Headers of the answer that only this dialect has."""
    heartbeat: bytes = b": keep-alive\n\n"
    """What the dialect allows while nothing happens; empty when it allows nothing."""
    come_back: bytes = b""
    """What tells a reader, before a clean end, to come back at its offset; empty when there are no words for it."""
    is_stateless: bool = False
    """An encoder may start at any offset: resuming then reads nothing of what was seen."""
    is_whole: bool = False
    """The answer is one document, sent when the run has ended."""
    accepts: tuple[str, ...] = ()
    """Media types in ``Accept`` that choose this dialect; empty: only by name or by body."""
    whole: Dialect | None = None
    """The same words as one document, for a request that says ``"stream": false``."""
    is_whole_when_bare: bool = False
    """Its clients go to ``/chat`` for the whole answer, and to ``/chat/stream`` for a stream."""
    read_switches: Callable[[Mapping[str, Json]], Mapping[str, str]] = lambda _body: {}
    """Parameters for `open` that this dialect's requests have in their body, where others have them in the query."""
