"""What only the bus of one process promises."""

from __future__ import annotations

from penstock.buses.local import LocalBus
from support.offers import OWNER, make_offer


async def test_taking_back_after_the_close_is_no_error():
    bus = LocalBus()
    withdraw = bus.offer("run-1", make_offer())
    await bus.close()
    withdraw()
    assert await bus.send_stop("run-1", owner=OWNER) == "unheard"


async def test_a_run_that_is_not_offered_takes_no_memory():
    bus = LocalBus()
    bus.offer("run-1", make_offer())()
    assert repr(bus) == "LocalBus(runs=0)"
