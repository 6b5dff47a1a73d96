"""Waiting has a bound, and what waits gives the others room."""

from __future__ import annotations

import asyncio

import pytest

from penstock.stores.patience import Patience


class SlidingLoop:
    """A loop whose time goes by with the sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> SlidingLoop:
    sliding = SlidingLoop()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: sliding)
    monkeypatch.setattr(asyncio, "sleep", sliding.sleep)
    return sliding


async def test_pauses_grow_to_a_longest_one_and_end_within_the_bound(loop: SlidingLoop):
    patience = Patience(3)
    while not patience.is_over:
        await patience.pause()
    assert loop.pauses == [0.05, 0.1, 0.2, 0.4, 0.5, 0.5, 0.5, 0.5]
    assert repr(patience) == "Patience(is_over=True)"


async def test_none_is_none(loop: SlidingLoop):
    assert Patience(0).is_over
    assert loop.pauses == []
