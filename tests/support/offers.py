"""Offers of runs whose producer is the test."""

from __future__ import annotations

from collections.abc import Callable

from penstock.core.log import Batch
from penstock.core.offers import Offer

OWNER = "ann"


class Produced:
    """A run that is produced here: what happens to it is noted, and its end is the test's to say."""

    def __init__(self) -> None:
        self.stops = 0
        self.hear: Callable[[Batch], None] | None = None
        self._tell: list[Callable[[], None]] = []
        self.offer = Offer(owner=OWNER, stop=self.stop, on_end=self._tell.append, forward=self.forward)

    def stop(self) -> None:
        self.stops += 1

    def forward(self, hear: Callable[[Batch], None] | None) -> None:
        self.hear = hear

    def publish(self, batch: Batch) -> None:
        if self.hear is not None:
            self.hear(batch)

    def end(self) -> None:
        """Say that no more comes."""
        for tell in self._tell:
            tell()


def make_offer(
    stop: Callable[[], None] = lambda: None, forward: Callable[[Callable[[Batch], None] | None], None] | None = None
) -> Offer:
    """Give an offer that does nothing else."""
    return Offer(owner=OWNER, stop=stop, on_end=lambda _tell: None, forward=forward or (lambda _hear: None))
