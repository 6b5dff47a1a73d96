"""The bus of a single process: who produces a run hears its stop at once, and nobody else watches."""

from __future__ import annotations

from collections.abc import Callable

from penstock.core.log import Batch
from penstock.core.offers import Offer, StopAnswer


class LocalBus:
    """Stop signals within one process."""

    is_connected = False

    def __init__(self) -> None:
        """Start with nothing offered."""
        self._offers: dict[str, Offer] = {}

    def __repr__(self) -> str:
        """Show how many runs are offered."""
        return f"LocalBus(runs={len(self._offers)})"

    async def send_stop(self, run_id: str, *, owner: str) -> StopAnswer:
        """Stop the run when it is offered."""
        offer = self._offers.get(run_id)
        if offer is None or offer.owner != owner:
            return "unheard"
        offer.stop()
        return "heard"

    def offer(self, run_id: str, offer: Offer) -> Callable[[], None]:
        """Say that the run is produced here; the result takes that back and may be called twice."""
        self._offers[run_id] = offer

        def withdraw() -> None:
            if self._offers.get(run_id) is offer:
                del self._offers[run_id]

        return withdraw

    def watch(self, run_id: str, hear: Callable[[Batch | None], None]) -> Callable[[], None]:
        """Do nothing: no other process produces a run."""
        del run_id, hear
        return lambda: None

    async def close(self) -> None:
        """Forget every offer."""
        self._offers = {}
