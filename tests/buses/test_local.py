"""What only the bus of one process promises."""

from __future__ import annotations

from penstock.buses.local import LocalBus
from penstock.core.ports import Offer

OFFER = Offer(stop=lambda: None, forward=lambda _hear: None)


async def test_taking_back_after_the_close_is_no_error():
    bus = LocalBus()
    withdraw = bus.offer("run-1", OFFER)
    await bus.close()
    withdraw()
    assert not await bus.send_stop("run-1")


async def test_a_run_that_is_not_offered_takes_no_memory():
    bus = LocalBus()
    bus.offer("run-1", OFFER)()
    assert repr(bus) == "LocalBus(runs=0)"
