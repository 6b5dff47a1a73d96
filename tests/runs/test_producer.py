"""One run being produced: durable before visible, stopped at any moment, ended whatever breaks."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable

import pytest

from penstock.core import events as e
from penstock.core.errors import ProviderError, StoreError, UnavailableError, UpstreamEndedError
from penstock.runs.receipt import Receipt
from runs.conftest import OWNER, House, drain, turns, until
from runs.scripted import FINISHED, STARTED, TEXT, Script, ask, delta, whole_answer

TERMINALS = (e.RunFinished, e.RunFailed, e.RunStopped, e.RunInterrupted)


async def terminal_of(house: House, run_id: str) -> e.Event:
    """The one terminal of a log, which must be the last event, everywhere it is kept."""
    events = await house.read_all(run_id)
    assert [type(event) in TERMINALS for event in events].count(True) == 1
    assert [event for batch in await house.store.read(run_id) for event in batch.events] == events
    return events[-1]


# --- durable before visible -------------------------------------------------------------------------------------------


async def test_nothing_is_visible_before_its_commit(house: House):
    house.store.is_withholding = True
    run_id, script = await house.begin()
    follower = await house.engine.follow(OWNER, run_id)
    assert [type(event) for batch in await follower.read() for event in batch.events] == [e.RunStarted]
    script.give((STARTED, TEXT), (delta("secret"),))
    reading = asyncio.create_task(follower.read())
    await until(lambda: script.taken >= 2)
    await turns(20)
    assert not reading.done()
    house.store.commit()
    assert sum(len(batch.events) for batch in await reading) >= 2


async def test_the_terminal_is_not_visible_before_its_commit(house: House):
    run_id, script = await house.begin()
    house.store.finish_gate = asyncio.Event()
    script.give(*whole_answer("a"))
    script.end()
    await house.settle(run_id, 6)
    follower = await house.engine.follow(OWNER, run_id, after=5)
    reading = asyncio.create_task(follower.read())
    await turns(20)
    assert not reading.done()
    house.store.finish_gate.set()
    assert (await reading)[-1].is_terminal


async def test_upstream_is_read_no_further_while_too_much_waits_for_its_commit(make_house: Callable[..., House]):
    house = make_house(in_flight_bytes=5_000)
    house.store.is_withholding = True
    run_id, script = await house.begin()
    script.give(*whole_answer(*["word "] * 200))
    script.end()
    await turns(1000)
    assert script.taken < 50
    house.store.is_withholding = False
    house.store.commit()
    assert isinstance(await terminal_of(house, run_id), e.RunFinished)


# --- how it ends ------------------------------------------------------------------------------------------------------


async def test_an_upstream_that_ends_without_proof_is_interrupted_with_its_text(house: House):
    for ending in (None, UpstreamEndedError("cut")):
        run_id, script = await house.begin(ask(conversation_id=f"c{ending is None:d}"))
        script.give((STARTED, TEXT), (delta("half an"),))
        script.end() if ending is None else script.fail(ending)
        terminal = await terminal_of(house, run_id)
        assert isinstance(terminal, e.RunInterrupted)
        assert terminal.cause == "upstream-eof"
        assert house.store.endings[-1].folded.text == "half an"


async def test_an_upstream_that_says_nothing_at_all_is_interrupted(house: House):
    run_id, script = await house.begin()
    script.end()
    assert isinstance(await terminal_of(house, run_id), e.RunInterrupted)


async def test_the_services_error_is_told_and_the_text_so_far_is_kept(house: House):
    run_id, script = await house.begin()
    script.give((STARTED, TEXT), (delta("half an"),))
    script.fail(ProviderError("Slow down.", code="rate_limited", is_retryable=True, retry_after_s=7))
    terminal = await terminal_of(house, run_id)
    assert isinstance(terminal, e.RunFailed)
    assert (terminal.code, terminal.message, terminal.retryable, terminal.retry_after_s) == (
        "rate_limited",
        "Slow down.",
        True,
        7,
    )
    assert house.store.endings[-1].folded.text == "half an"
    assert script.is_closed


@pytest.mark.parametrize(
    "break_it",
    [
        lambda script: script.fail(RuntimeError("password=hunter2")),
        lambda script: script.give((delta("x"), e.TextStarted(part_id="text-0"))),
        lambda script: script.give((e.RunFinished(finish_reason="stop"),)),
        lambda script: script.give((e.TextDelta(part_id="nothing", text="x"),)),
    ],
    ids=["exception", "part-used-twice", "terminal-from-upstream", "part-not-open"],
)
async def test_a_defect_fails_the_run_without_saying_what_is_inside(house: House, break_it: Callable[..., None]):
    run_id, script = await house.begin()
    script.give((STARTED, TEXT), (delta("kept"),))
    break_it(script)
    terminal = await terminal_of(house, run_id)
    assert isinstance(terminal, e.RunFailed)
    assert terminal.code == "internal"
    assert "hunter2" not in repr(terminal)
    assert house.store.endings[-1].folded.text.startswith("kept")
    assert script.is_closed


async def test_a_run_that_takes_too_long_is_stopped_by_its_deadline(make_house: Callable[..., House]):
    house = make_house(run_timeout_s=0)
    run_id, script = await house.begin(ask())
    terminal = await terminal_of(house, run_id)
    assert isinstance(terminal, e.RunStopped)
    assert terminal.by == "timeout"
    assert script.is_closed


# --- stop -------------------------------------------------------------------------------------------------------------


async def test_a_stopped_answer_is_what_was_logged_and_never_grows(house: House):
    run_id, script = await house.begin(ask(conversation_id="c1"))
    script.give((STARTED, TEXT), (delta("kept"),))
    await house.settle(run_id, 4)
    script.close_gate = asyncio.Event()
    stopping = asyncio.create_task(house.engine.stop(OWNER, run_id))
    await until(lambda: script.close_count > 0)
    script.give((delta(" and more"),), (e.TextEnded(part_id="text-0"), FINISHED))
    script.end()
    await turns(20)
    script.close_gate.set()
    assert (await stopping).status == "stopped"
    log = await house.read_all(run_id)
    assert [event.text for event in log if isinstance(event, e.TextDelta)] == ["kept"]
    assert (await house.store.list_messages(OWNER, "c1"))[-1].text == "kept"
    await turns(20)
    assert await house.read_all(run_id) == log


async def test_batches_under_way_to_the_disk_at_a_stop_belong_to_the_answer(house: House):
    run_id, script = await house.begin()
    house.store.is_withholding = True
    script.give((STARTED, TEXT), (delta("written"),))
    await until(lambda: script.taken >= 2)
    stopping = asyncio.create_task(house.engine.stop(OWNER, run_id))
    await turns(20)
    assert script.is_closed
    assert not stopping.done()
    house.store.commit()
    assert (await stopping).status == "stopped"
    assert house.store.endings[-1].folded.text == "written"


async def test_stop_before_the_first_token(house: House):
    run_id, script = await house.begin()
    receipt = await house.engine.stop(OWNER, run_id)
    assert (receipt.status, receipt.upstream_closed) == ("stopped", True)
    assert script.is_closed
    assert isinstance(await terminal_of(house, run_id), e.RunStopped)


async def test_stop_before_the_upstream_was_opened(house: House):
    begun = await house.engine.begin(OWNER, ask())
    receipt = await house.engine.stop(OWNER, begun.run.id)
    assert (receipt.status, receipt.upstream_closed) == ("stopped", True)
    assert not [script for script in house.provider.scripts if script.was_iterated and not script.is_closed]
    assert isinstance(await terminal_of(house, begun.run.id), e.RunStopped)


async def test_stopping_twice_closes_once_and_gives_the_same_receipt(house: House):
    run_id, script = await house.begin()
    first, second = await asyncio.gather(*(house.engine.stop(OWNER, run_id) for _ in range(2)))
    assert first == second
    assert script.close_count == 1
    third = await house.engine.stop(OWNER, run_id)
    assert (third.status, third.upstream_closed) == ("stopped", True)


async def test_a_receipt_does_not_claim_a_closing_that_failed(make_house: Callable[..., House]):
    house = make_house(close_timeout_s=0)
    for break_it in ("says no", "hangs"):
        run_id, script = await house.begin()
        script.closes_well = False
        script.close_gate = asyncio.Event() if break_it == "hangs" else None
        receipt = await house.engine.stop(OWNER, run_id)
        assert (receipt.status, receipt.upstream_closed) == ("stopped", False)
    await house.engine.close()


async def test_the_time_to_the_closed_socket_is_measured(house: House):
    run_id, script = await house.begin()
    script.close_gate = asyncio.Event()
    stopping = asyncio.create_task(house.engine.stop(OWNER, run_id))
    await until(lambda: script.close_count > 0)
    house.clock.time += 0.025
    script.close_gate.set()
    assert (await stopping).stop_ms == 25


async def test_followers_that_leave_do_not_stop_the_run(house: House):
    run_id, script = await house.begin()
    for _ in range(20):
        follower = await house.engine.follow(OWNER, run_id)
        reading = asyncio.create_task(drain(follower))
        await turns(2)
        reading.cancel()
    assert not script.is_closed
    script.give(*whole_answer("a"))
    script.end()
    assert isinstance(await terminal_of(house, run_id), e.RunFinished)


@pytest.mark.parametrize("seed", range(10))
async def test_stop_against_finish_has_one_winner_in_every_interleaving(make_house: Callable[..., House], seed: int):
    """500 races a seed: whoever is first wins, all see the same terminal, and the receipt tells the truth."""
    chance = random.Random(seed)
    house = make_house(linger_s=0)
    outcomes = Counter[str]()
    for number in range(500):
        begun = await house.engine.begin(OWNER, ask(conversation_id=f"c{number}"))
        run_id = begun.run.id
        follower = await house.engine.follow(OWNER, run_id)
        reading = asyncio.create_task(drain(follower))
        stopping = [asyncio.create_task(stop_after(house, run_id, chance.randrange(40))) for _ in range(2)]
        await play(house, run_id, number, chance)
        receipts = await asyncio.gather(*stopping)
        seen = [event for batch in await reading for event in batch.events]
        kept = [event for batch in await house.store.read(run_id) for event in batch.events]
        assert seen == kept
        status = {e.RunFinished: "finished", e.RunStopped: "stopped"}[type(seen[-1])]
        outcomes[status] += 1
        assert {receipt.status for receipt in receipts} == {status}
        assert all(receipt.upstream_closed for receipt in receipts)
        assert [type(event) in TERMINALS for event in kept].count(True) == 1
        message = (await house.store.list_messages(OWNER, f"c{number}"))[-1]
        assert message.text == "".join(event.text for event in kept if isinstance(event, e.TextDelta))
    assert min(outcomes["finished"], outcomes["stopped"]) > 10, "a race that one side always wins is none"
    await house.engine.close()


async def stop_after(house: House, run_id: str, count: int) -> Receipt:
    """Stop after some turns of the loop."""
    await turns(count)
    return await house.engine.stop(OWNER, run_id)


async def play(house: House, run_id: str, number: int, chance: random.Random) -> None:
    """Answer in batches, with turns of the loop between them, if the stop lets the run ask at all."""
    producer = house.engine._roster.find(OWNER, run_id)
    assert producer is not None
    await until(lambda: len(house.provider.scripts) > number or producer.ended.done())
    if len(house.provider.scripts) == number:
        house.provider.scripts.append(Script(house.provider.no_request))
    for batch in whole_answer("a", "b", "c"):
        house.provider.script.give(batch)
        await turns(chance.randrange(4))
    house.provider.script.end()


# --- when the store refuses -------------------------------------------------------------------------------------------


async def test_a_log_that_can_not_be_kept_fails_the_run_with_what_was_kept(house: House):
    run_id, script = await house.begin(ask(conversation_id="c1"))
    script.give((STARTED, TEXT), (delta("kept"),))
    await house.settle(run_id, 4)
    house.store.append_error = StoreError("The disk is full.")
    script.give((delta(" lost"),), (delta(" lost too"),))
    terminal = await terminal_of(house, run_id)
    assert isinstance(terminal, e.RunFailed)
    assert (terminal.code, terminal.retryable) == ("store_error", True)
    assert script.is_closed
    assert house.store.endings[-1].folded.text == "kept"


async def test_an_end_that_is_refused_is_tried_again(house: House):
    house.store.finish_errors.extend([StoreError("busy"), StoreError("busy")])
    run_id = await house.answer(*whole_answer("a"))
    assert isinstance(await terminal_of(house, run_id), e.RunFinished)
    assert house.store.finish_count == 3


async def test_an_end_that_can_not_be_kept_is_not_shown_and_comes_later(house: House):
    house.store.finish_errors.extend([StoreError("busy")] * 3)
    run_id, script = await house.begin()
    script.give(*whole_answer("a"))
    script.end()
    follower = await house.engine.follow(OWNER, run_id)
    with pytest.raises(UnavailableError):
        await drain(follower)
    assert not any(batch.is_terminal for batch in await house.store.read(run_id))
    await house.watch()
    house.engine._roster.close()
    terminal = await terminal_of(house, run_id)
    assert isinstance(terminal, e.RunInterrupted)
    assert terminal.cause == "producer-lost"


async def test_a_run_that_another_has_ended_shows_that_end(house: House):
    run_id, script = await house.begin()
    script.give((STARTED, TEXT), (delta("both"),))
    follower = await house.engine.follow(OWNER, run_id)
    reading = asyncio.create_task(drain(follower))
    await house.settle(run_id, 4)
    producing = house.engine
    await house.restart().recover()
    script.give((delta("zombie"),))
    script.end()
    events = [event for batch in await reading for event in batch.events]
    assert isinstance(events[-1], e.RunInterrupted)
    assert [event for batch in await house.store.read(run_id) for event in batch.events] == events
    await producing.close()


# --- usage and times --------------------------------------------------------------------------------------------------


async def test_the_services_usage_is_priced_and_not_estimated(house: House):
    *batches, last = whole_answer("a")
    run_id = await house.answer(*batches, (*last, e.Usage(input=10, output=5, total=15)))
    usage = [event for event in await house.read_all(run_id) if isinstance(event, e.Usage)][-1]
    assert (usage.source, usage.input, usage.output) == ("provider", 10, 5)
    assert usage.cost is not None
    assert (usage.cost.usd, usage.cost.is_estimated) == (15, False)


async def test_the_usage_of_a_stopped_answer_is_labelled_as_an_estimate(house: House):
    run_id, script = await house.begin()
    script.give((STARTED, TEXT), (delta("two words"),))
    await house.settle(run_id, 4)
    receipt = await house.engine.stop(OWNER, run_id)
    assert receipt.usage is not None
    assert (receipt.usage.source, receipt.usage.output) == ("estimated", 2)
    assert receipt.cost is not None
    assert receipt.cost.is_estimated


async def test_times_are_measured_from_the_begin(house: House):
    run_id, script = await house.begin()
    for seconds, batch in ((0.1, (STARTED, TEXT)), (0.2, (delta("a"),)), (0.3, whole_answer()[-1])):
        house.clock.time += seconds
        script.give(batch)
        await turns(3)
    script.end()
    terminal = await terminal_of(house, run_id)
    assert isinstance(terminal, e.RunFinished)
    assert terminal.timings is not None
    assert (terminal.timings.first_event_ms, terminal.timings.first_token_ms, terminal.timings.total_ms) == (
        100,
        300,
        600,
    )
