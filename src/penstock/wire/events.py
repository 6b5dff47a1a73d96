"""The ``events`` wire: the canonical events themselves as Server-Sent Events, ``id:`` = offset. Nothing is lost.

The frames were encoded once, when the batch was made, so that a follower costs only the copying.
"""

from __future__ import annotations

from typing import Final

from penstock.core.log import Batch
from penstock.wire import request_body, sse_frame
from penstock.wire.dialect import Dialect, StreamContext


class _Encoder:
    """One for all answers: what is live goes to all followers of its run in turn, and is written once for them."""

    status: int = 200
    must_cut: bool = False

    def __init__(self) -> None:
        self._last: tuple[Batch | None, bytes] = (None, b"")

    def encode(self, batch: Batch) -> bytes:
        """Give every event, tagged with its offset."""
        last, written = self._last
        if batch is not last:
            written = b"".join([b"id: %d\ndata: %b\n\n" % pair for pair in enumerate(batch.frames, batch.first_seq)])
            self._last = (batch, written)
        return written


_ENCODER: Final = _Encoder()


def _open(_context: StreamContext) -> _Encoder:
    return _ENCODER


DIALECT: Final = Dialect(
    name="events",
    media_type=sse_frame.MEDIA_TYPE,
    open=_open,
    decode=request_body.decode,
    accepts=(sse_frame.MEDIA_TYPE,),
    come_back=sse_frame.COME_BACK,
    is_stateless=True,
)
