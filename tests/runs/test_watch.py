"""The watch ends what nobody produces, lets go of what is another's, and hears stops that no bus brought."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
import pytest

from penstock.core import events as e
from penstock.core.errors import StoreError
from penstock.core.storage import Beginning, Begun, LiveRun
from runs.conftest import OWNER, House, drain, until
from runs.scripted import STARTED, TEXT, delta, whole_answer


async def test_a_run_that_could_not_be_ended_is_ended_later(make_house: Callable[..., House]):
    house = make_house(watch_s=0)
    await house.engine.start()
    house.store.finish_errors.extend([StoreError("busy")] * 3)
    run_id, script = await house.begin()
    script.give(*whole_answer("a"))
    script.end()
    await until(lambda: house.store.runs[run_id].status == "interrupted")
    await house.engine.close()


async def test_a_run_whose_submit_is_slow_to_be_confirmed_is_not_taken_for_lost(house: House):
    """A busy machine: the commit is there, and the looks see it, before its caller hears of it."""
    begin, confirmed = house.store.begin, asyncio.Event()

    async def begin_slowly(beginning: Beginning) -> Begun:
        begun = await begin(beginning)
        await confirmed.wait()
        return begun

    house.store.begin = begin_slowly
    beginning = asyncio.create_task(house.begin())
    await until(lambda: bool(house.store.runs))
    await house.watch()
    assert [run.status for run in house.store.runs.values()] == ["running"]
    confirmed.set()
    async with asyncio.timeout(10):
        run_id, script = await beginning
        script.give(*whole_answer("a"))
        script.end()
        await until(lambda: house.store.runs[run_id].status == "finished")
    await house.engine.close()


async def test_a_store_that_goes_away_in_the_middle_of_a_start_is_waited_for(make_house: Callable[..., House]):
    house = make_house(start_delays_s=(0, 0))
    renew, refusals = house.store.renew_lease, [StoreError("away"), StoreError("away")]

    async def renew_later(*args: object, **options: object) -> list[LiveRun]:
        if refusals:
            raise refusals.pop()
        return await renew(*args, **options)

    house.store.renew_lease = renew_later
    await house.engine.start()
    await house.engine.close()
    refusals[:] = [StoreError("away")] * 3
    with pytest.raises(StoreError, match="away"):
        await house.restart().start()
    refusals[:] = [StoreError("newer", is_retryable=False)]
    with pytest.raises(StoreError, match="newer"):
        await house.restart().start()
    assert refusals == [], "what waiting does not mend is not tried again"


async def test_a_stop_that_no_bus_brought_is_found_in_the_database(house: House):
    run_id, script = await house.begin()
    await house.store.request_stop(OWNER, run_id, at=1.0)
    await house.engine._watch.look()
    await until(lambda: house.store.runs[run_id].status == "stopped")
    assert script.is_closed


async def test_a_producer_lets_go_of_a_run_that_another_instance_has_claimed(house: House):
    run_id, script = await house.begin()
    script.give((STARTED, TEXT), (delta("mine"),))
    await house.settle(run_id, 4)
    follower = await house.engine.follow(OWNER, run_id)
    claim = await house.store.claim_run(house.store.runs[run_id], "inst_other")
    assert claim is not None
    house.store.living.add("inst_other")
    await house.engine._watch.look()
    await until(lambda: not house.engine.live_count)
    assert script.is_closed, "the service is not paid twice"
    assert house.store.runs[run_id].is_live, "the end is the other's to write"
    seen = len(await follower.read())
    assert seen == 3
    house.store.living.clear()
    await house.restart().recover()
    [last] = await follower.read()
    assert isinstance(last.events[-1], e.RunInterrupted), "who followed here goes on following"


async def test_what_was_refused_at_another_epoch_is_never_shown(house: House):
    run_id, script = await house.begin()
    script.give((STARTED, TEXT), (delta("mine"),))
    await house.settle(run_id, 4)
    follower = await house.engine.follow(OWNER, run_id, after=3)
    await house.store.claim_run(house.store.runs[run_id], "inst_other")
    house.store.append_error = StoreError("another's", code="run_lost", is_retryable=False)
    script.give((delta("zombie"),))
    await until(lambda: not house.engine.live_count)
    reading = asyncio.create_task(follower.read())
    await asyncio.sleep(0)
    await house.restart().recover()
    [last] = await reading
    assert not any(isinstance(event, e.TextDelta) for event in last.events)
    assert script.is_closed


async def test_a_run_that_was_just_begun_is_given_time_to_get_its_producer(house: House):
    run_id, script = await house.begin()
    house.store.runs["run_x"] = msgspec.structs.replace(house.store.runs[run_id], id="run_x")
    house.store.logs["run_x"] = list(house.store.logs[run_id])
    await house.engine._watch.look()
    assert house.store.runs["run_x"].is_live
    await house.watch()
    assert house.store.runs["run_x"].status == "interrupted"
    assert house.store.runs[run_id].is_live
    script.end()


async def test_a_store_that_is_away_does_not_end_the_watch(
    make_house: Callable[..., House], caplog: pytest.LogCaptureFixture
):
    house = make_house(watch_s=0)
    looks = 0
    renew = house.store.renew_lease

    async def refuse(instance: str, *, lease_s: float) -> list[object]:
        nonlocal looks
        looks += 1
        await asyncio.sleep(0)
        if looks < 5:
            message = "away"
            raise StoreError(message)
        if looks == 5:
            raise ZeroDivisionError
        return await renew(instance, lease_s=lease_s)

    await house.engine.start()
    house.store.renew_lease = refuse
    await until(lambda: looks > 6)
    assert len([record for record in caplog.records if "lease" in record.message]) == 1
    await house.engine.close()


async def test_leaving_ends_the_lease(make_house: Callable[..., House]):
    house = make_house()
    await house.engine.start()
    await house.engine.close()
    assert house.store.ended_leases == [house.engine._ports.instance]


async def test_a_claimed_run_that_could_not_be_ended_is_tried_again(house: House):
    run_id, _ = await house.begin()
    house.store.finish_errors.extend([StoreError("busy")] * 3)
    assert await house.restart().recover() == 0
    await house.watch()
    assert house.store.runs[run_id].status == "interrupted"
    assert (await drain(await house.engine.follow(OWNER, run_id)))[-1].is_terminal
