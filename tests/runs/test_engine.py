"""What the engine promises from outside: begin, follow, stop, drain, and the reads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from unittest.mock import ANY

import pytest

from penstock.core import events as e
from penstock.core.errors import CallerError, GoneError, NotFoundError, UnavailableError
from runs.conftest import OWNER, House, drain, until
from runs.scripted import STARTED, TEXT, ask, delta, whole_answer


async def test_an_answer_is_logged_priced_and_kept(house: House):
    run_id = await house.answer(*whole_answer("Good ", "day"), request=ask(conversation_id="c1"))
    events = await house.read_all(run_id)
    assert [type(event) for event in events] == [
        e.RunStarted,
        e.StepStarted,
        e.TextStarted,
        e.TextDelta,
        e.TextDelta,
        e.TextEnded,
        e.StepFinished,
        e.Usage,
        e.RunFinished,
    ]
    user, assistant = await house.store.list_messages(OWNER, "c1")
    assert (user.text, assistant.text, assistant.status) == ("Hello there", "Good day", "finished")
    assert assistant.parent_id == user.id
    run = await house.engine.get_run(OWNER, run_id)
    assert run.status == "finished"
    assert run.cost is not None
    assert run.cost.usd == 4


@pytest.mark.parametrize("count", [2, 3, 5])
async def test_a_submit_sent_several_times_at_once_makes_one_run(house: House, count: int):
    request = ask(conversation_id="c1", client_message_id="m1")
    begun = await asyncio.gather(*(house.engine.begin(OWNER, request) for _ in range(count)))
    assert len({each.run.id for each in begun}) == 1
    assert [each.is_new for each in begun].count(True) == 1
    assert len(await house.store.list_messages(OWNER, "c1")) == 1
    assert house.engine.live_count == 1


async def test_a_repeat_attaches_also_where_the_limit_is_reached(make_house: Callable[..., House]):
    house = make_house(live_runs=1)
    request = ask(conversation_id="c1", client_message_id="m1")
    first = await house.engine.begin(OWNER, request)
    assert (await house.engine.begin(OWNER, request)).run == first.run
    with pytest.raises(UnavailableError):
        await house.engine.begin(OWNER, ask())
    await house.engine.close()


async def test_an_owner_at_the_limit_does_not_hold_up_another(make_house: Callable[..., House]):
    house = make_house(live_runs_per_owner=1)
    run_id, _ = await house.begin()
    with pytest.raises(UnavailableError, match="limit"):
        await house.engine.begin(OWNER, ask())
    await house.begin(owner="bob")
    await house.engine.stop(OWNER, run_id)
    await house.begin()
    await house.engine.close()


async def test_a_refused_begin_gives_its_place_back(make_house: Callable[..., House]):
    house = make_house(live_runs=1)
    for _ in range(3):
        with pytest.raises(CallerError):
            await house.engine.begin(OWNER, ask(" "))
    await house.begin()
    await house.engine.close()


async def test_a_caller_that_leaves_while_the_submit_is_written_leaves_no_orphan(house: House):
    house.store.begin_gate = asyncio.Event()
    begin = asyncio.create_task(house.engine.begin(OWNER, ask()))
    await until(lambda: bool(house.engine._begins))
    begin.cancel()
    with pytest.raises(asyncio.CancelledError):
        await begin
    house.store.begin_gate.set()
    await house.provider.asked.wait()
    assert house.engine.live_count == 1


async def test_a_follower_gets_exactly_what_is_behind_its_offset_whatever_it_is(house: House):
    run_id, script = await house.begin()
    script.give((STARTED, TEXT), (delta("a"), delta("b"), delta("c")), (delta("d"),))
    await house.settle(run_id, 7)
    live = [await house.engine.follow(OWNER, run_id, after=after) for after in range(-1, 7)]
    script.give(*whole_answer("x")[-1:])
    script.end()
    followed = [[event for batch in await drain(follower) for event in batch.events] for follower in live]
    kept = [event for batch in await house.store.read(run_id) for event in batch.events]
    assert followed == [kept[after + 1 :] for after in range(-1, 7)]
    assert [await house.read_all(run_id, after) for after in range(-1, len(kept))] == [
        kept[after + 1 :] for after in range(-1, len(kept))
    ]


async def test_a_hundred_followers_get_the_same(house: House):
    run_id, script = await house.begin()
    followers = [await house.engine.follow(OWNER, run_id) for _ in range(100)]
    reading = [asyncio.create_task(drain(follower)) for follower in followers]
    for batch in whole_answer("a", "b", "c"):
        script.give(batch)
        await asyncio.sleep(0)
    script.end()
    logs = await asyncio.gather(*reading)
    texts = [[frame for batch in log for frame in batch.frames] for log in logs]
    assert all(text == texts[0] for text in texts)


async def test_an_offset_that_the_log_has_not_reached_is_refused(house: House):
    run_id, script = await house.begin()
    for after in (-2, 1, 500):
        with pytest.raises(CallerError) as caught:
            await house.engine.follow(OWNER, run_id, after=after)
        assert caught.value.field == "after"
    script.give(*whole_answer("a"))
    script.end()
    count = len(await house.read_all(run_id))
    house.restart()
    with pytest.raises(CallerError):
        await house.engine.follow(OWNER, run_id, after=count)
    assert (await house.engine.follow(OWNER, run_id, after=count - 1)).is_ended


async def test_a_reader_may_know_more_than_the_producer_was_told(house: House):
    """Another instance reads in the database what is committed, before the producer hears of the commit."""
    run_id, script = await house.begin()
    house.store.is_withholding = True
    script.give((STARTED, TEXT))
    await until(lambda: bool(house.store.waiting))
    _, batch, committed = house.store.waiting.popleft()
    house.store.logs[run_id].append(batch)
    follower = await house.engine.follow(OWNER, run_id, after=batch.next_seq - 1)
    committed(None)
    house.store.is_withholding = False
    script.give((delta("a"),))
    script.end()
    events = [event for read in await drain(follower) for event in read.events]
    assert events[0] == delta("a")
    await house.engine.close()


async def test_a_log_that_was_swept_is_gone(house: House):
    run_id = await house.answer(*whole_answer("a"))
    house.restart()
    house.store.swept.add(run_id)
    with pytest.raises(GoneError):
        await house.engine.follow(OWNER, run_id)
    with pytest.raises(GoneError):
        await house.engine.follow(OWNER, run_id, after=3)


async def test_another_owners_run_looks_like_an_unknown_one(house: House):
    run_id, script = await house.begin()
    for call in (house.engine.follow, house.engine.stop, house.engine.get_run):
        with pytest.raises(NotFoundError) as others:
            await call("eve", run_id)
        with pytest.raises(NotFoundError) as unknown:
            await call("eve", "nothing")
        assert str(others.value) == str(unknown.value)
    assert not script.is_closed


async def test_the_live_run_of_a_conversation_is_found_until_it_ends(house: House):
    run_id, _ = await house.begin(ask(conversation_id="c1"))
    found = await house.engine.find_live_run(OWNER, "c1")
    assert found is not None
    assert found.id == run_id
    await house.engine.stop(OWNER, run_id)
    assert await house.engine.find_live_run(OWNER, "c1") is None


async def test_stopping_after_the_end_gives_the_state_and_costs_no_time(house: House):
    run_id = await house.answer(*whole_answer("a b"))
    for _ in range(2):
        receipt = await house.engine.stop(OWNER, run_id)
        assert (receipt.status, receipt.upstream_closed, receipt.stop_ms) == ("finished", True, 0)
        assert receipt.usage is not None
        house.restart()


async def test_no_later_receipt_claims_a_closing_that_was_never_confirmed(make_house: Callable[..., House]):
    house = make_house(linger_s=0)
    run_id, script = await house.begin()
    script.closes_well = False
    assert not (await house.engine.stop(OWNER, run_id)).upstream_closed
    await until(lambda: house.engine._roster.find(OWNER, run_id) is None)
    assert not (await house.engine.stop(OWNER, run_id)).upstream_closed
    await house.engine.close()


async def test_a_stop_of_a_run_that_nobody_produces_claims_nothing(make_house: Callable[..., House]):
    house = make_house(unheard_stop_wait_s=0)
    run_id, _ = await house.begin()
    house.restart()
    house.bus._offers.clear()
    receipt = await house.engine.stop(OWNER, run_id)
    assert (receipt.status, receipt.delivered, receipt.upstream_closed) == ("running", False, False)
    assert house.store.runs[run_id].stop_requested_at is not None
    await house.engine.close()


async def test_a_stop_reaches_the_producer_over_the_bus(make_house: Callable[..., House]):
    house = make_house(poll_s=0)
    run_id, script = await house.begin()
    producing = house.engine
    receipt = await house.restart().stop(OWNER, run_id)
    assert (receipt.status, receipt.delivered, receipt.upstream_closed) == ("stopped", True, True)
    assert script.is_closed
    await producing.close()


async def test_draining_lets_runs_end_within_the_grace(house: House):
    run_id, script = await house.begin()
    drained = asyncio.create_task(house.engine.drain(60))
    await until(lambda: house.engine.is_draining)
    with pytest.raises(UnavailableError):
        await house.engine.begin(OWNER, ask())
    script.give(*whole_answer("a"))
    script.end()
    await drained
    assert (await house.engine.get_run(OWNER, run_id)).status == "finished"


async def test_draining_stops_what_does_not_end(house: House):
    run_id, script = await house.begin(ask(conversation_id="c1"))
    script.give((STARTED, TEXT), (delta("kept"),))
    await house.settle(run_id, 4)
    await house.engine.drain(0)
    message = (await house.store.list_messages(OWNER, "c1"))[-1]
    assert (message.text, message.status, message.detail) == ("kept", "stopped", "shutdown")
    assert script.is_closed


async def test_start_recovers_and_close_leaves_nothing_running(make_house: Callable[..., House]):
    house = make_house()
    run_id, _ = await house.begin()
    crashed = house.engine
    assert await house.restart().start() == 1
    assert (await house.engine.get_run(OWNER, run_id)).status == "interrupted"
    await house.engine.close()
    await crashed.close()
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_a_conversation_without_a_title_gets_the_first_words(house: House):
    await house.answer(*whole_answer("a"), request=ask(conversation_id="c1"))
    house.store.conversations["c1"] = type(house.store.conversations["c1"])(
        id="c1", owner=OWNER, created_at=1, updated_at=1
    )
    await house.answer(*whole_answer("b"), request=ask("And now?", conversation_id="c1"))
    assert house.store.conversations["c1"].title == "Hello there"


async def test_a_run_that_nobody_follows_any_more_can_be_abandoned(house: House):
    run_id, script = await house.begin()
    followers = [await house.engine.follow(OWNER, run_id) for _ in range(2)]
    followers[0].close()
    followers[0].close()
    assert not await house.engine.abandon(OWNER, run_id)
    followers[1].close()
    assert not await house.engine.abandon("bob", run_id)
    assert await house.engine.abandon(OWNER, run_id)
    assert script.is_closed
    assert (await house.read_all(run_id))[-1] == e.RunStopped(by="user", timings=ANY)


async def test_a_run_that_has_ended_is_not_abandoned(house: House):
    run_id = await house.answer(*whole_answer("a"))
    assert not await house.engine.abandon(OWNER, run_id)
    assert (await house.engine.get_run(OWNER, run_id)).status == "finished"


async def test_a_run_that_loses_its_reader_to_a_shutdown_says_so(house: House):
    run_id, _ = await house.begin()
    draining = asyncio.create_task(house.engine.drain(60))
    await until(lambda: house.engine.is_draining)
    assert await house.engine.abandon(OWNER, run_id)
    await draining
    assert (await house.read_all(run_id))[-1] == e.RunStopped(by="shutdown", timings=ANY)
