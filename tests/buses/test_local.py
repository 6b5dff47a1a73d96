"""What only the bus of one process promises."""

from __future__ import annotations

from penstock.buses.local import LocalBus


async def test_unsubscribing_after_the_close_is_no_error():
    bus = LocalBus()
    unsubscribe = bus.on_stop("run-1", list)
    await bus.close()
    unsubscribe()
    assert not await bus.send_stop("run-1")


async def test_a_run_that_nobody_listens_for_takes_no_memory():
    bus = LocalBus()
    bus.on_stop("run-1", list)()
    assert repr(bus) == "LocalBus(runs=0)"
