"""The ``ui-message-stream`` wire: UI message chunks of the AI SDK (versions 5, 6, 7) as Server-Sent Events.

Without ``?dialect=`` only chunks go out that every version from 5.0.0 on accepts; ``dialect=5|6|7`` opens what the
newest version of that line knows. The chunks are made in ``ui_chunks.py``; ``[DONE]`` ends the stream.
"""

from __future__ import annotations

from typing import Final

from penstock.core.log import Batch
from penstock.wire import request_body, sse_frame, ui_body
from penstock.wire.dialect import Dialect, StreamContext
from penstock.wire.ui_chunks import chunk_writer


class _Encoder:
    status: int = 200
    must_cut: bool = False

    def __init__(self, context: StreamContext) -> None:
        self._write = chunk_writer(context)

    def encode(self, batch: Batch) -> bytes:
        """Give the chunks of every event; those of one event stand together, the last of them tagged."""
        events = enumerate(batch.events, batch.first_seq)
        answer = b"".join([sse_frame.frames(seq, self._write(event)) for seq, event in events])
        return answer + sse_frame.DONE if batch.is_terminal else answer


DIALECT: Final = Dialect(
    name="ui-message-stream",
    media_type=sse_frame.MEDIA_TYPE,
    open=_Encoder,
    decode=request_body.decode,
    recognise=ui_body.recognise,
    headers=(("x-vercel-ai-ui-message-stream", "v1"),),
    accepts=(sse_frame.MEDIA_TYPE,),
    read_switches=ui_body.read_switches,
)
