"""What a stop answers: what became of the run, and whether the model service was really cut off."""

from __future__ import annotations

from msgspec import Struct

from penstock.core.messages import Run, RunStatus, TokenUsage
from penstock.core.usage import Cost


class Receipt(Struct, frozen=True, kw_only=True):
    """The receipt of a stop. A repeated stop gives the same state again."""

    status: RunStatus
    delivered: bool = True
    """False when the run lives and no producer has received the stop: it was paused, or died; the stop waits for it."""
    upstream_closed: bool
    """True only when the socket to the service is known to be closed, or was never opened."""
    stop_ms: float
    """From the call to the closed socket; 0 when the run had ended before."""
    usage: TokenUsage | None = None
    cost: Cost | None = None


def receipt_of(run: Run, *, upstream_closed: bool | None = None, delivered: bool = True, stop_ms: float = 0) -> Receipt:
    """Write the receipt for the run as it is kept, which also knows of the upstream once it has ended."""
    return Receipt(
        status=run.status,
        delivered=delivered,
        upstream_closed=bool(run.upstream_closed if upstream_closed is None else upstream_closed),
        stop_ms=stop_ms,
        usage=run.usage,
        cost=run.cost,
    )
