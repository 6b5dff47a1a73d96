"""The ``text`` wire: the answer's characters as UTF-8, and nothing else.

It has no word for an ending: a run that did not finish cuts the connection, whoever ended it, so that no reader takes a
part for the whole. Refusals are the answer's words, and are written.
"""

from __future__ import annotations

from typing import Final

from penstock.core import events as e
from penstock.core.log import Batch
from penstock.wire import request_body
from penstock.wire.dialect import Dialect, StreamContext


class _Encoder:
    status: int = 200

    def __init__(self) -> None:
        self.must_cut = False
        self._has_written = False

    def encode(self, batch: Batch) -> bytes:
        """Give the text of the batch."""
        pieces: list[str] = []
        for event in batch.events:
            match event:
                case e.TextDelta() | e.RefusalDelta():
                    pieces.append(event.text)
                case e.StepReset():
                    self.must_cut = self.must_cut or self._has_written or any(pieces)
                case e.RunFailed() | e.RunInterrupted() | e.RunStopped():
                    self.must_cut = True
                case _:
                    pass
        text = "".join(pieces).encode()
        self._has_written = self._has_written or bool(text)
        return text


def _open(_context: StreamContext) -> _Encoder:
    return _Encoder()


DIALECT: Final = Dialect(
    name="text",
    media_type="text/plain; charset=utf-8",
    open=_open,
    decode=request_body.decode,
    heartbeat=b"",
    accepts=("text/plain",),
)
