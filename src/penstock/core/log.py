"""The log of one run: batches of events with their offsets, and the bytes that they are kept and sent as.

A batch is what one socket read of the model service gave. Its events are encoded once, as lines of JSON (``frames``);
the journal keeps these bytes and the ``events`` wire sends them.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from penstock.core.events import Event, RunFailed, RunFinished, RunInterrupted, RunStopped, decode_event, encode_event


class Batch(Struct, frozen=True, gc=False):
    """Consecutive events; the first has offset ``first_seq``, the others follow without a gap."""

    first_seq: int
    events: tuple[Event, ...]
    frames: tuple[bytes, ...]
    """Each event as one line of JSON, without line end; same length and order as ``events``."""
    resume_token: str | None = None
    """Where the model service can go on behind this batch; kept beside the log, and never in it."""

    @property
    def next_seq(self) -> int:
        """The offset after the last event."""
        return self.first_seq + len(self.events)

    @property
    def is_terminal(self) -> bool:
        """Whether the last event ends the run."""
        return bool(self.events) and isinstance(self.events[-1], (RunFinished, RunFailed, RunStopped, RunInterrupted))

    def after(self, seq: int) -> Batch:
        """Give the rest of this batch, whose events have offsets greater than ``seq``.

        ``self`` when that is all of it, an empty batch at `next_seq` when it is nothing.
        """
        skip = min(seq + 1 - self.first_seq, len(self.events))
        if skip <= 0:
            return self
        return Batch(self.first_seq + skip, self.events[skip:], self.frames[skip:])


def make_batch(first_seq: int, events: Sequence[Event], resume_token: str | None = None) -> Batch:
    """Encode events into a batch."""
    return Batch(first_seq, tuple(events), tuple(encode_event(event) for event in events), resume_token)


def read_batch(first_seq: int, lines: bytes) -> Batch:
    """Read a batch back from its frames joined by newlines, as the journal keeps them."""
    frames = tuple(lines.split(b"\n")) if lines else ()
    return Batch(first_seq, tuple(decode_event(frame) for frame in frames), frames)
