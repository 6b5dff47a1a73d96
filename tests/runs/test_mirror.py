"""A run that is produced elsewhere is followed as if it were produced here, with a bus or without one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest

from penstock.core.errors import ConflictError, GoneError, NotFoundError, StoreError
from penstock.core.log import Batch, make_batch
from penstock.core.messages import Run
from penstock.core.offers import StopAnswer
from penstock.core.storage import LogEnd
from penstock.runs.live_log import LiveLog
from penstock.runs.mirror import Forwarding
from runs.conftest import OWNER, House, drain, turns, until
from runs.scripted import STARTED, TEXT, delta, whole_answer


class HandBus:
    """A bus whose words the test says."""

    is_connected = True
    answer: StopAnswer = "unheard"

    def __init__(self) -> None:
        self.hear: Callable[[Batch | None], None] | None = None
        self.watches = 0

    async def send_stop(self, run_id: str, *, owner: str) -> StopAnswer:
        del run_id, owner
        return self.answer

    def offer(self, run_id: str, offer: object) -> Callable[[], None]:
        del run_id, offer
        return lambda: None

    def watch(self, run_id: str, hear: Callable[[Batch | None], None]) -> Callable[[], None]:
        del run_id
        self.hear = hear
        self.watches += 1

        def unwatch() -> None:
            self.hear = None

        return unwatch

    async def close(self) -> None:
        return


async def elsewhere(house: House) -> tuple[str, object]:
    """Begin a run with some text, and put another engine in the place of the one that produces it."""
    run_id, script = await house.begin()
    script.give((STARTED, TEXT), (delta("a"),))
    await house.settle(run_id, 4)
    house.restart()
    return run_id, script


async def test_without_a_bus_it_is_followed_in_the_journal(make_house: Callable[..., House]):
    house = make_house(poll_s=0)
    run_id, script = await house.begin()
    producing = house.engine
    house.restart()
    follower = await house.engine.follow(OWNER, run_id)
    assert len(await follower.read()) == 1
    reading = asyncio.create_task(drain(follower))
    await turns(5)
    script.give(*whole_answer("a"))
    script.end()
    assert (await reading)[-1].is_terminal
    await producing.close()
    await house.engine.close()


async def test_what_the_bus_brings_is_shown_without_a_look_into_the_journal(make_house: Callable[..., House]):
    house = make_house(poll_s=60, calm_poll_s=60)
    house.bus = HandBus()
    run_id, _ = await elsewhere(house)
    follower = await house.engine.follow(OWNER, run_id, after=3)
    await turns(5)
    house.bus.hear(make_batch(4, [delta("b")]))
    assert await follower.read() == [make_batch(4, [delta("b")])]
    house.bus.hear(make_batch(4, [delta("b"), delta("c")]))
    assert await follower.read() == [make_batch(5, [delta("c")])], "what overlaps is shown once"
    await house.engine.close()


@pytest.mark.parametrize("is_word", [True, False])
async def test_a_gap_or_a_word_makes_it_look_into_the_journal(make_house: Callable[..., House], *, is_word: bool):
    house = make_house(poll_s=60, calm_poll_s=60)
    house.bus = HandBus()
    run_id, script = await elsewhere(house)
    follower = await house.engine.follow(OWNER, run_id, after=3)
    await turns(5)
    script.give((delta("b"),), (delta("c"),))
    await until(lambda: len(house.store.logs[run_id]) == 5)
    house.bus.hear(None if is_word else make_batch(5, [delta("c")]))
    seen = [event for batch in await follower.read() for event in batch.events]
    while len(seen) < 2:
        seen += [event for batch in await follower.read() for event in batch.events]
    assert seen == [delta("b"), delta("c")]
    await house.engine.close()


async def test_what_the_bus_lost_is_found_by_looking(make_house: Callable[..., House]):
    house = make_house(poll_s=0, calm_poll_s=0)
    house.bus = HandBus()
    run_id, script = await elsewhere(house)
    follower = await house.engine.follow(OWNER, run_id, after=3)
    script.give((delta("b"),))
    assert await follower.read() == [make_batch(4, [delta("b")])]
    await house.engine.close()


async def test_a_stop_goes_over_the_bus_while_its_note_is_being_written(make_house: Callable[..., House]):
    house = make_house(poll_s=60, calm_poll_s=60)
    run_id, script = await house.begin()
    producing, local = house.engine, house.bus
    house.bus = HandBus()
    house.restart()
    note = house.store.request_stop
    is_heard = asyncio.Event()

    async def stop(run_id: str, *, owner: str) -> StopAnswer:
        await local.send_stop(run_id, owner=owner)
        is_heard.set()
        await until(lambda: not house.store.runs[run_id].is_live)
        return "ended"

    async def note_late(*args: object, **options: object) -> Run:
        await is_heard.wait()
        return await note(*args, **options)

    house.bus.send_stop, house.store.request_stop = stop, note_late
    receipt = await house.engine.stop(OWNER, run_id)
    assert (receipt.status, receipt.delivered, receipt.upstream_closed) == ("stopped", True, True)
    assert script.is_closed
    assert house.bus.watches == 0, "the end was told: nothing has to be followed"
    for engine in (producing, house.engine):
        await engine.close()


async def test_a_stop_of_a_run_that_has_ended_waits_for_no_bus(make_house: Callable[..., House]):
    house = make_house(poll_s=60)
    run_id = await house.answer(*whole_answer("a"))
    house.bus = HandBus()

    async def never(run_id: str, *, owner: str) -> StopAnswer:
        del run_id, owner
        return await asyncio.get_running_loop().create_future()

    house.bus.send_stop = never
    house.clock.time += 1
    receipt = await house.restart().stop(OWNER, run_id)
    assert (receipt.status, receipt.delivered, receipt.stop_ms) == ("finished", True, 0)
    await house.engine.close()


async def test_a_hundred_followers_share_one_mirror(make_house: Callable[..., House]):
    house = make_house(poll_s=0, linger_s=0)
    house.bus = HandBus()
    run_id, script = await elsewhere(house)
    followers = [await house.engine.follow(OWNER, run_id, after=number % 4 - 1) for number in range(100)]
    script.give(*whole_answer("b")[1:])
    script.end()
    logs = await asyncio.gather(*(drain(follower) for follower in followers))
    whole = [event for batch in house.store.logs[run_id] for event in batch.events]
    for number, log in enumerate(logs):
        assert [event for batch in log for event in batch.events] == whole[number % 4 :]
    assert house.bus.watches == 1
    for follower in followers:
        follower.close()
        follower.close()
    await until(lambda: not len(house.engine._mirrors))
    assert house.bus.hear is None
    await house.engine.close()


async def test_a_thousand_followers_at_once_cost_a_few_looks_into_the_store(make_house: Callable[..., House]):
    house = make_house(poll_s=60, calm_poll_s=60)
    house.bus = HandBus()
    run_id, _ = await elsewhere(house)
    looks: Counter[str] = Counter()

    def counted(name: str) -> None:
        look = getattr(house.store, name)

        async def count(*args: object, **options: object) -> object:
            looks[name] += 1
            await turns(3)
            return await look(*args, **options)

        setattr(house.store, name, count)

    for name in ("get_run", "find_end", "read"):
        counted(name)

    async def come_back(after: int) -> list[int]:
        await house.engine.find_run(OWNER, run_id)
        follower = await house.engine.follow(OWNER, run_id, after=after)
        seen = [batch.first_seq for batch in await follower.read()]
        follower.close()
        return seen

    found = await asyncio.gather(*(come_back(number % 3 - 1) for number in range(1000)))
    assert [seen[0] for seen in found] == [number % 3 for number in range(1000)]
    # Two states of the run, one end of its log (which the store in memory reads for that), and the mirror's own look.
    assert looks == {"get_run": 2, "find_end": 1, "read": 2}
    await house.engine.close()


async def test_an_offset_that_a_look_under_way_has_not_seen_is_looked_for_again(make_house: Callable[..., House]):
    house = make_house(poll_s=60, calm_poll_s=60)
    house.bus = HandBus()
    run_id, script = await elsewhere(house)
    find_end, is_open = house.store.find_end, asyncio.Event()

    async def find_slowly(run_id: str) -> LogEnd:
        end = await find_end(run_id)
        await is_open.wait()
        return end

    house.store.find_end = find_slowly
    early = asyncio.create_task(house.engine.follow(OWNER, run_id, after=3))
    await turns(5)
    script.give((delta("b"),))
    await until(lambda: len(house.store.logs[run_id]) == 4)
    late = asyncio.create_task(house.engine.follow(OWNER, run_id, after=4))
    await turns(5)
    is_open.set()
    assert ((await early).after, (await late).after) == (3, 4)
    await house.engine.close()


async def test_a_database_that_is_away_ends_no_following(make_house: Callable[..., House]):
    house = make_house(poll_s=0)
    run_id, script = await elsewhere(house)
    follower = await house.engine.follow(OWNER, run_id, after=3)
    read, failures = house.store.read, 0

    async def refuse(*args: object, **options: object) -> list[Batch]:
        nonlocal failures
        failures += 1
        if failures < 4:
            message = "away"
            raise StoreError(message)
        return await read(*args, **options)

    house.store.read = refuse
    script.give((delta("b"),))
    assert await follower.read() == [make_batch(4, [delta("b")])]
    await house.engine.close()


async def test_a_log_that_goes_while_it_is_followed_says_so(make_house: Callable[..., House]):
    house = make_house(poll_s=0)
    run_id, _ = await elsewhere(house)
    follower = await house.engine.follow(OWNER, run_id, after=3)
    house.store.swept.add(run_id)
    with pytest.raises(GoneError):
        await follower.read()
    await house.engine.close()


async def test_offsets_and_owners_are_checked_as_ever(make_house: Callable[..., House]):
    house = make_house(poll_s=0)
    run_id, script = await elsewhere(house)
    with pytest.raises(ConflictError):
        await house.engine.follow(OWNER, run_id, after=4)
    with pytest.raises(NotFoundError):
        await house.engine.follow("bob", run_id)
    first = await house.engine.follow(OWNER, run_id, after=3)
    with pytest.raises(NotFoundError):
        await house.engine.follow("bob", run_id)
    script.give((delta("b"),))
    await until(lambda: len(house.store.logs[run_id]) == 4)
    later = await house.engine.follow(OWNER, run_id, after=4)
    assert not later.is_ended, "what the client saw elsewhere is no error where the mirror has not got it yet"
    assert await first.read() == [make_batch(4, [delta("b")])]
    await house.engine.close()


def test_forwarding_passes_on_what_comes_while_somebody_wants_it():
    log = LiveLog(10_000)
    forwarding = Forwarding(log)
    heard: list[Batch] = []
    batches = [make_batch(seq, [delta(str(seq))]) for seq in range(5)]
    log.publish(batches[0])
    forwarding.forward(heard.append)
    log.publish(batches[1])
    log.publish(batches[2])
    forwarding.forward(None)
    log.publish(batches[3])
    forwarding.forward(heard.append)
    log.publish(batches[4])
    assert heard == [batches[1], batches[2], batches[4]]
