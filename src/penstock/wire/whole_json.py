"""The ``json`` wire: one object when the run has ended (`whole_document`), for scripts, tests and screen readers."""

from __future__ import annotations

from typing import Final

import msgspec

from penstock.core.log import Batch
from penstock.wire import request_body
from penstock.wire.dialect import Dialect, StreamContext
from penstock.wire.whole_document import Document


class _Encoder:
    must_cut: bool = False

    def __init__(self, context: StreamContext) -> None:
        self._document = Document(context)

    @property
    def status(self) -> int:
        return self._document.status

    def encode(self, batch: Batch) -> bytes:
        """Give nothing before the terminal, and the whole object with it."""
        documents = [self._document.feed(event) for event in batch.events]
        return b"".join([msgspec.json.encode(document) for document in documents if document is not None])


DIALECT: Final = Dialect(
    name="json",
    media_type="application/json",
    open=_Encoder,
    decode=request_body.decode,
    recognise=lambda body: body.get("stream") is False,
    heartbeat=b"",
    is_whole=True,
    accepts=("application/json",),
)
