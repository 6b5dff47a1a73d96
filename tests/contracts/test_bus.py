"""What every bus promises, and what those that join several instances promise beyond that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from penstock.buses.local import LocalBus
from penstock.buses.peers import PeerBus
from penstock.buses.postgres import PostgresNotify
from penstock.buses.redis import RedisStreams
from penstock.core.log import Batch
from penstock.core.ports import Bus
from support.offers import OWNER, Produced, make_offer
from support.running import until
from support.store_samples import make_delta

Open = Callable[[], Awaitable[Bus]]


def local_opener(request: pytest.FixtureRequest) -> Open:
    del request

    async def open_local() -> Bus:
        return LocalBus()

    return open_local


def redis_opener(request: pytest.FixtureRequest) -> Open:
    url = request.getfixturevalue("redis_url")
    return lambda: PeerBus.open(RedisStreams(url))


def postgres_opener(request: pytest.FixtureRequest) -> Open:
    url = request.getfixturevalue("postgres_url")
    return lambda: PeerBus.open(PostgresNotify(lambda: asyncpg.connect(url)))


BUSES = {"local": local_opener, "redis": redis_opener, "postgres": postgres_opener}
"""A new bus joins by one line here."""
SHARED = {name: opener for name, opener in BUSES.items() if name != "local"}


@pytest.fixture(params=BUSES.values(), ids=BUSES.keys())
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    bus = await request.param(request)()
    yield bus
    await bus.close()


@pytest.fixture(params=SHARED.values(), ids=SHARED.keys())
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Bus, Bus]]:
    open_bus = request.param(request)
    first, second = await open_bus(), await open_bus()
    yield first, second
    await first.close()
    await second.close()


# --- every bus --------------------------------------------------------------------------------------------------------


async def test_a_stop_that_nobody_hears_says_so(bus: Bus):
    assert await bus.send_stop("run-1", owner=OWNER) == "unheard"


async def test_a_stop_reaches_the_producer_of_its_run_and_no_other(bus: Bus):
    one, other = Produced(), Produced()
    bus.offer("run-1", one.offer)
    bus.offer("run-2", other.offer)
    assert await bus.send_stop("run-2", owner=OWNER) == "heard"
    assert (one.stops, other.stops) == (0, 1)


async def test_nobody_stops_what_is_anothers(bus: Bus):
    run = Produced()
    bus.offer("run-1", run.offer)
    assert await bus.send_stop("run-1", owner="bob") == "unheard"
    assert run.stops == 0


async def test_every_stop_is_delivered_also_the_second(bus: Bus):
    run = Produced()
    bus.offer("run-1", run.offer)
    assert await bus.send_stop("run-1", owner=OWNER) == "heard"
    assert await bus.send_stop("run-1", owner=OWNER) == "heard"
    assert run.stops == 2


async def test_what_was_taken_back_hears_nothing_and_nothing_is_claimed(bus: Bus):
    run = Produced()
    withdraw = bus.offer("run-1", run.offer)
    withdraw()
    withdraw()
    assert await bus.send_stop("run-1", owner=OWNER) == "unheard"
    assert run.stops == 0


async def test_a_run_may_be_taken_back_while_it_is_stopped(bus: Bus):
    def stop() -> None:
        withdraw()

    withdraw = bus.offer("run-1", make_offer(stop))
    assert await bus.send_stop("run-1", owner=OWNER) == "heard"
    assert await bus.send_stop("run-1", owner=OWNER) == "unheard"


async def test_a_watch_of_an_unknown_run_hears_nothing(bus: Bus):
    heard: list[Batch | None] = []
    unwatch = bus.watch("run-1", heard.append)
    unwatch()
    unwatch()
    assert not any(heard)


async def test_closing_twice_is_no_error(bus: Bus):
    await bus.close()
    await bus.close()


# --- between instances ------------------------------------------------------------------------------------------------


async def test_a_stop_reaches_the_producer_on_another_instance(pair: tuple[Bus, Bus]):
    first, second = pair
    run = Produced()
    first.offer("run-1", run.offer)
    assert await second.send_stop("run-1", owner=OWNER) == "heard"
    assert run.stops >= 1


async def test_nobody_stops_what_is_anothers_on_another_instance(pair: tuple[Bus, Bus]):
    first, second = pair
    run = Produced()
    first.offer("run-1", run.offer)
    assert await second.send_stop("run-1", owner="bob") == "unheard"
    assert run.stops == 0


@pytest.mark.parametrize("is_here", [True, False])
async def test_who_stops_hears_of_the_end(pair: tuple[Bus, Bus], *, is_here: bool):
    first, second = pair
    run = Produced()
    first.offer("run-1", run.offer)
    stopping = asyncio.create_task((first if is_here else second).send_stop("run-1", owner=OWNER))
    await until(lambda: run.stops > 0)
    run.end()
    assert await stopping == "ended"


async def test_live_batches_come_in_order_to_those_who_watch(pair: tuple[Bus, Bus]):
    first, second = pair
    run, heard = Produced(), []
    first.offer("run-1", run.offer)
    second.watch("run-1", heard.append)
    await until(lambda: run.hear is not None)
    batches = [make_delta(seq, "word " * (1 + seq % 50)) for seq in range(1, 301)]
    for batch in batches:
        run.publish(batch)
        if batch.first_seq % 10 == 0:
            await asyncio.sleep(0)
    await until(lambda: sum(batch is not None for batch in heard) == 300)
    assert [batch for batch in heard if batch is not None] == batches


async def test_who_begins_to_watch_is_told_to_look_once(pair: tuple[Bus, Bus]):
    first, second = pair
    run, heard = Produced(), []
    first.offer("run-1", run.offer)
    second.watch("run-1", heard.append)
    await until(lambda: bool(heard))
    assert heard == [None]


async def test_a_batch_too_large_for_the_transport_is_a_word_to_look(pair: tuple[Bus, Bus]):
    first, second = pair
    run, heard = Produced(), []
    first.offer("run-1", run.offer)
    second.watch("run-1", heard.append)
    await until(lambda: run.hear is not None and bool(heard))
    heard.clear()
    large = make_delta(1, "x" * 100_000)
    run.publish(large)
    await until(lambda: bool(heard))
    assert heard in ([large], [None])


async def test_nobody_is_sent_what_nobody_watches_any_more(pair: tuple[Bus, Bus]):
    first, second = pair
    run = Produced()
    first.offer("run-1", run.offer)
    unwatch = second.watch("run-1", lambda _batch: None)
    await until(lambda: run.hear is not None)
    unwatch()
    await until(lambda: run.hear is None)


async def test_what_is_sent_to_an_end_is_not_sent_to_what_comes_next(pair: tuple[Bus, Bus]):
    first, second = pair
    run = Produced()
    withdraw = first.offer("run-1", run.offer)
    second.watch("run-1", lambda _batch: None)
    await until(lambda: run.hear is not None)
    withdraw()
    assert run.hear is None


async def test_several_instances_may_watch_one_run(pair: tuple[Bus, Bus], request: pytest.FixtureRequest):
    first, second = pair
    opener = SHARED[request.node.callspec.id]
    third = await opener(request)()
    run, heard = Produced(), ([], [])
    first.offer("run-1", run.offer)
    second.watch("run-1", heard[0].append)
    third.watch("run-1", heard[1].append)
    await until(lambda: all(heard))
    run.publish(make_delta(1))
    await until(lambda: all(make_delta(1) in batches for batches in heard))
    await third.close()


async def test_what_is_said_is_known_as_connected(pair: tuple[Bus, Bus]):
    assert all(bus.is_connected for bus in pair)
