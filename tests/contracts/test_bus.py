"""What every bus promises. A new bus joins by one line in ``BUSES``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from penstock.buses.local import LocalBus
from penstock.core.ports import Bus


async def open_local() -> Bus:
    return LocalBus()


BUSES: dict[str, Callable[[], Awaitable[Bus]]] = {"local": open_local}


@pytest.fixture(params=BUSES.values(), ids=BUSES.keys())
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    bus = await request.param()
    yield bus
    await bus.close()


async def test_a_stop_that_nobody_hears_says_so(bus: Bus):
    assert not await bus.send_stop("run-1")


async def test_a_stop_reaches_the_producer_of_its_run_and_no_other(bus: Bus):
    heard: list[str] = []
    bus.on_stop("run-1", lambda: heard.append("run-1"))
    bus.on_stop("run-2", lambda: heard.append("run-2"))
    assert await bus.send_stop("run-2")
    assert heard == ["run-2"]


async def test_every_stop_is_delivered_also_the_second(bus: Bus):
    heard: list[int] = []
    bus.on_stop("run-1", lambda: heard.append(1))
    assert await bus.send_stop("run-1")
    assert await bus.send_stop("run-1")
    assert heard == [1, 1]


async def test_all_handlers_of_a_run_hear_it(bus: Bus):
    heard: list[str] = []
    bus.on_stop("run-1", lambda: heard.append("first"))
    bus.on_stop("run-1", lambda: heard.append("second"))
    assert await bus.send_stop("run-1")
    assert sorted(heard) == ["first", "second"]


async def test_after_unsubscribing_nothing_is_heard_and_nothing_is_claimed(bus: Bus):
    heard: list[int] = []
    unsubscribe = bus.on_stop("run-1", lambda: heard.append(1))
    unsubscribe()
    unsubscribe()
    assert not await bus.send_stop("run-1")
    assert not heard


async def test_a_handler_may_unsubscribe_while_it_hears(bus: Bus):
    heard: list[int] = []

    def hear() -> None:
        heard.append(1)
        unsubscribe()

    unsubscribe = bus.on_stop("run-1", hear)
    assert await bus.send_stop("run-1")
    assert not await bus.send_stop("run-1")
    assert heard == [1]
