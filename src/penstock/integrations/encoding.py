"""An answer in a wire, for any framework: which wire, what its encoder must know, and the headers it goes with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from penstock.composition.dialects import DIALECTS
from penstock.core.messages import Run
from penstock.wire.dialect import Dialect, StreamContext
from penstock.wire.negotiation import choose

HEARTBEAT_S: Final = 12.0


class AnswerCutError(ConnectionAbortedError):
    """The answer is not whole, and its wire has no word for that: a WSGI server breaks the connection for it."""


def choose_wire(name: str | None, *, query: Mapping[str, str], accept: str | None) -> Dialect:
    """Give the wire of that name, or what the client chose by ``?wire=`` and ``Accept``, plain SSE if it did not.

    Raises `CallerError` (code ``not_acceptable``), naming the wires, when there is none.
    """
    wanted = name or query.get("wire")
    return choose(DIALECTS, query_name=wanted, accept=accept, body=None, default=DIALECTS[0])


def context_of(run: Run, query: Mapping[str, str]) -> StreamContext:
    """Give what the encoder may need to know."""
    return StreamContext(
        run_id=run.id,
        message_id=run.message_id,
        model=run.model,
        created_at=run.created_at,
        parameters=dict(query),
    )


def headers_of(dialect: Dialect, run: Run) -> dict[str, str]:
    """Give the headers of the answer: nothing between it and its reader may keep or hold it back."""
    return {
        "Content-Type": dialect.media_type,
        "Cache-Control": "no-store" if dialect.is_whole else "no-cache, no-transform",
        "X-Accel-Buffering": "no",
        "X-Run-Id": run.id,
        **dict(dialect.headers),
    }
