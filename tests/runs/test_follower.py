"""Following is reading a log: from memory, from the journal, in bounded reads that never hold the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from penstock.core import events as e
from penstock.core.log import Batch
from penstock.runs.follower import Follower
from runs.conftest import OWNER, House, drain, turns, until
from runs.scripted import STARTED, TEXT, delta, whole_answer


async def test_a_waiting_read_is_woken_empty_by_a_nudge(house: House):
    run_id, script = await house.begin()
    follower = await house.engine.follow(OWNER, run_id, after=0)
    reading = asyncio.create_task(follower.read())
    await turns(3)
    follower.nudge()
    assert await reading == []
    reading = asyncio.create_task(follower.read())
    await turns(3)
    assert not reading.done()
    script.give((STARTED, TEXT))
    assert [batch.first_seq for batch in await reading] == [1]


async def test_a_nudge_while_nobody_waits_is_not_kept(house: House):
    run_id, _ = await house.begin()
    follower = await house.engine.follow(OWNER, run_id, after=0)
    follower.nudge()
    reading = asyncio.create_task(follower.read())
    await turns(5)
    assert not reading.done()
    follower.close()
    assert await reading == []


async def test_a_nudge_never_hides_what_is_ready(house: House):
    run_id, script = await house.begin()
    follower = await house.engine.follow(OWNER, run_id, after=0)
    for _ in range(50):
        reading = asyncio.create_task(follower.read())
        await turns(2)
        script.give((e.Progress(stage="searching", state="started"),))
        await turns(1)
        follower.nudge()
        if not await reading:
            assert len(await follower.read()) == 1


async def test_a_closed_follower_reads_nothing_and_leaves_no_trace(house: House):
    run_id, script = await house.begin()
    follower = await house.engine.follow(OWNER, run_id, after=0)
    reading = asyncio.create_task(follower.read())
    await turns(3)
    follower.close()
    assert await reading == []
    assert follower._log is not None
    assert follower._log._waiting == []
    script.give((STARTED, TEXT))
    assert await follower.read() == []


async def test_a_cancelled_read_loses_nothing(house: House):
    run_id, script = await house.begin()
    follower = await house.engine.follow(OWNER, run_id)
    batches = []
    for batch in whole_answer("a", "b"):
        reading = asyncio.create_task(follower.read())
        await turns(2)
        if not reading.cancel():
            batches += await reading
        script.give(batch)
    script.end()
    batches += await drain(follower)
    seqs = [seq for batch in batches for seq in range(batch.first_seq, batch.next_seq)]
    assert seqs == list(range(len(seqs)))


async def test_a_slow_follower_costs_bounded_memory_and_gets_everything(make_house: Callable[..., House]):
    house = make_house(live_log_bytes=10_000)
    run_id, script = await house.begin()
    follower = await house.engine.follow(OWNER, run_id)
    log = follower._log
    assert log is not None
    for number in range(1000):
        script.give((STARTED, TEXT) if number == 0 else (delta(f"word {number} "),))
        await until(lambda expected=number + 1: script.taken >= expected)
        assert log.size_bytes <= 10_500
    script.give(*whole_answer()[-1:])
    script.end()
    events = [event for batch in await drain(follower) for event in batch.events]
    assert events == [event for batch in await house.store.read(run_id) for event in batch.events]
    assert len(log._batches) < 50
    await house.engine.close()


async def read_sizes(follower: Follower) -> list[int]:
    """Read to the end; gives how many batches each read gave."""
    sizes: list[int] = []
    while not follower.is_ended:
        sizes.append(len(await follower.read()))
    return sizes


async def test_one_read_is_bounded_by_bytes_and_by_batches(make_house: Callable[..., House]):
    for limits, most in (({"read_batches": 3}, 3), ({"read_bytes": 2_000}, 5)):
        house = make_house(**limits, page_batches=7)
        run_id = await house.answer(*whole_answer(*["word"] * 20))
        for engine in (house.engine, house.restart()):
            sizes = await read_sizes(await engine.follow(OWNER, run_id))
            assert max(sizes) == most
            assert sum(sizes) == 24
            await engine.close()


async def test_what_was_read_ahead_can_be_let_go(make_house: Callable[..., House]):
    """For a reader who is slow to take it; nothing is lost or doubled."""
    house = make_house(read_batches=3)
    run_id = await house.answer(*whole_answer(*["word"] * 20))
    engine = house.restart()
    follower = await engine.follow(OWNER, run_id)
    events = [event for batch in await follower.read() for event in batch.events]
    assert "kept=1" in repr(engine._ports.pages)
    follower.forget()
    assert "kept=0" in repr(engine._ports.pages)
    events += [event for batch in await drain(follower) for event in batch.events]
    assert events == [event for batch in await house.store.read(run_id) for event in batch.events]
    await engine.close()


async def test_replaying_a_long_backlog_lets_others_have_their_turn(house: House):
    run_id = await house.answer(*whole_answer(*["word"] * 2000))
    follower = await house.engine.follow(OWNER, run_id)
    turned = 0

    async def count_turns() -> None:
        nonlocal turned
        while True:
            turned += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count_turns())
    await turns(1)
    before, reads = turned, 0
    while not follower.is_ended:
        await follower.read()
        reads += 1
    assert turned - before >= reads > 3
    counting.cancel()


async def test_what_is_poured_comes_as_it_is_published_and_then_it_is_read(house: House):
    """``take`` that has enough ends the pouring; nothing is lost or doubled on the way back to reading."""
    run_id, script = await house.begin()
    follower = await house.engine.follow(OWNER, run_id, after=0)
    poured: list[Batch] = []

    def take(batches: list[Batch]) -> bool:
        poured.extend(batches)
        return len(poured) < 3

    pouring = asyncio.create_task(follower.pour(take))
    await turns(3)
    script.give((STARTED, TEXT))
    for text in "abcd":
        script.give((delta(text),))
    await until(pouring.done)
    assert [batch.first_seq for batch in poured] == [1, 3, 4]
    assert (await follower.read())[0].first_seq == 5


async def test_pouring_ends_with_the_run_at_a_nudge_at_a_close_and_at_a_backlog(house: House):
    run_id, script = await house.begin()
    late = await house.engine.follow(OWNER, run_id)
    await late.pour(lambda _: pytest.fail("a backlog is read, not poured"))
    first, second = [await house.engine.follow(OWNER, run_id, after=0) for _ in range(2)]
    pouring = [asyncio.create_task(follower.pour(lambda _: True)) for follower in (first, second)]
    await turns(3)
    first.nudge()
    second.close()
    await asyncio.gather(*pouring)
    assert await first.read() == []
    pouring = [asyncio.create_task(first.pour(lambda _: True))]
    await turns(3)
    script.give(*whole_answer("abc"))
    script.end()
    await asyncio.gather(*pouring)
    assert first.is_ended
    await first.pour(lambda _: pytest.fail("nothing comes after the end"))


async def test_an_error_of_one_who_is_poured_to_is_its_own(house: House):
    run_id, script = await house.begin()
    broken, sound = [await house.engine.follow(OWNER, run_id, after=0) for _ in range(2)]
    taken: list[Batch] = []

    def fail(_: list[Batch]) -> bool:
        raise ZeroDivisionError

    def keep(batches: list[Batch]) -> bool:
        taken.extend(batches)
        return True

    pouring = [asyncio.create_task(broken.pour(fail)), asyncio.create_task(sound.pour(keep))]
    await turns(3)
    script.give((STARTED, TEXT))
    with pytest.raises(ZeroDivisionError):
        await pouring[0]
    script.give((delta("a"),))
    await until(lambda: len(taken) == 2)
    sound.close()
    await pouring[1]
    assert sound._log is not None
    assert not sound._log._listeners
