"""An answer before it is sent: frames of bytes with the time to wait before each, and how the stream ends.

Faults are functions from plan to plan, so nothing here or in `reshaping` touches a socket; `sending` does.
"""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from penstock.core.events import Json

FOREVER_S = float("inf")


class Kind(Enum):
    """What a frame is, so that a fault can find its place."""

    OPENER = "opener"
    ROLE = "role"
    TOKEN = "token"  # noqa: S105 - a kind of frame, not a secret
    ANNOTATION = "annotation"
    FINISH = "finish"
    USAGE = "usage"
    DONE = "done"
    OTHER = "other"


class Ending(Enum):
    """What happens to the connection after the last frame."""

    COMPLETE = "complete"
    """The body is ended as HTTP says."""
    FIN = "fin"
    """The socket is closed inside the chunked body."""
    RST = "rst"
    """The socket is reset inside the chunked body."""


class Frame(Struct, frozen=True, gc=False):
    """Some bytes of the body; ``tokens`` are the model's tokens in them."""

    kind: Kind
    data: bytes
    wait_s: float = 0.0
    tokens: int = 0


class Chunks(Protocol):
    """Writes the events of one answer in the style of one service."""

    def opener(self) -> bytes:
        """Give what comes before the first choice; may be empty."""
        ...

    def role(self) -> bytes:
        """Give the chunk that names the role."""
        ...

    def reasoning(self, token: str) -> bytes:
        """Give one token of visible reasoning."""
        ...

    def text(self, token: str) -> bytes:
        """Give one token of the answer."""
        ...

    def call(self, index: int, ident: str, name: str) -> bytes:
        """Give the chunk that begins a tool call."""
        ...

    def arguments(self, index: int, fragment: str) -> bytes:
        """Give one piece of a tool call's arguments."""
        ...

    def finish(self, reason: str, filters: Json) -> bytes:
        """Give the chunk with the finish reason; ``filters`` are its content filter results."""
        ...

    def annotation(self, offset: int, reason: str | None, filters: Json) -> bytes:
        """Give a chunk of the asynchronous filter: a choice without ``delta``."""
        ...

    def done(self) -> bytes:
        """Give the mark behind the last chunk, where the API has one."""
        ...

    def usage(self, usage: Json, latency: Json) -> bytes:
        """Give the usage chunk; empty when usage was not asked for or travels elsewhere."""
        ...


class Plan(Struct, frozen=True, kw_only=True):
    """A whole answer, ready to be sent."""

    frames: tuple[Frame, ...]
    chunks: Chunks
    """For faults that write chunks of their own."""
    headers_wait_s: float = 0.0
    ending: Ending = Ending.COMPLETE
    media_type: str = "text/event-stream; charset=utf-8"
    is_coalesced: bool = True
    """Frames that are due go out in one write; a slow drip says no."""

    def with_frames(self, frames: list[Frame], ending: Ending | None = None) -> Plan:
        """Give the same plan with other frames, and another ending if given."""
        return replace(self, frames=tuple(frames), ending=ending or self.ending)
