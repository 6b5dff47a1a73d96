"""An answer that is kept nowhere."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from penstock.core import events as e
from penstock.core.errors import ProviderError
from penstock.core.messages import TextPart
from penstock.core.requests import InputMessage, ModelRequest
from penstock.runs.direct import DirectRun, Instruments
from runs.scripted import (
    FINISHED,
    STARTED,
    TEXT,
    CountingIds,
    HandClock,
    OneModelCatalog,
    ScriptedProvider,
    WordAccountant,
    delta,
    whole_answer,
)

PROMPT = ModelRequest(model="plain", messages=(InputMessage(role="user", parts=(TextPart(text="Hello there"),)),))


@pytest.fixture
def provider() -> ScriptedProvider:
    return ScriptedProvider()


@pytest.fixture
def run(provider: ScriptedProvider) -> DirectRun:
    instruments = Instruments(accountant=WordAccountant(), clock=HandClock(), ids=CountingIds())
    return DirectRun(OneModelCatalog(provider).find(None), PROMPT, instruments)


async def read_all(run: DirectRun) -> list[e.Event]:
    events: list[e.Event] = []
    while not run.is_ended:
        events += [event for batch in await run.read() for event in batch.events]
    return events


def making(run: DirectRun) -> asyncio.Task[Any]:
    return next(task for task in asyncio.all_tasks() if task.get_name() == f"make {run.run.id}")


async def begun(run: DirectRun, provider: ScriptedProvider) -> None:
    run.start()
    await provider.asked.wait()
    await provider.script.opened.wait()


async def test_the_log_is_that_of_a_run_from_its_start_to_its_terminal(run: DirectRun, provider: ScriptedProvider):
    provider.answer = whole_answer("one ", "two")
    run.start()

    events = await read_all(run)

    assert isinstance(events[0], e.RunStarted)
    assert [event.text for event in events if isinstance(event, e.TextDelta)] == ["one ", "two"]
    usage, terminal = events[-2:]
    assert isinstance(usage, e.Usage)
    assert (usage.input, usage.output, usage.source) == (2, 2, "estimated")
    assert usage.cost is not None
    assert isinstance(terminal, e.RunFinished)
    assert terminal.timings is not None
    assert run.message.text == "one two"
    assert run.is_upstream_closed


async def test_it_is_made_while_nobody_reads(run: DirectRun, provider: ScriptedProvider):
    provider.answer = whole_answer("one ", "two")
    run.start()

    await asyncio.wait([making(run)])  # nobody calls `read` meanwhile

    assert len(await run.read()) > 1
    assert run.is_ended


async def test_stopping_closes_the_upstream_and_keeps_the_text(run: DirectRun, provider: ScriptedProvider):
    await begun(run, provider)
    provider.script.give((STARTED, TEXT, delta("one ")))
    while run.message.text == "":
        await run.read()

    assert await run.stop()

    assert provider.script.is_closed
    assert run.message.text == "one "
    events = await read_all(run)
    assert isinstance(events[-1], e.RunStopped)
    assert isinstance(events[0], e.TextEnded)


async def test_stopping_a_silent_service_does_not_wait_for_it(run: DirectRun, provider: ScriptedProvider):
    await begun(run, provider)

    await run.stop("timeout")

    assert (await read_all(run))[-1] == e.RunStopped(by="timeout", timings=run.message.timings)


async def test_stopping_before_the_call_sends_nothing(run: DirectRun, provider: ScriptedProvider):
    run.start()
    await run.stop()

    assert provider.scripts == []
    assert run.message.status == "stopped"


async def test_stopping_what_never_started_is_nothing(run: DirectRun):
    assert await run.stop()


async def test_stopping_twice_or_after_the_end_changes_nothing(run: DirectRun, provider: ScriptedProvider):
    provider.answer = whole_answer("one")
    run.start()
    await read_all(run)

    assert await run.stop()
    assert await run.stop()
    assert run.message.status == "finished"
    assert provider.script.close_count == 1


async def test_a_close_that_is_not_confirmed_is_not_claimed(run: DirectRun, provider: ScriptedProvider):
    await begun(run, provider)
    provider.script.closes_well = False

    assert not await run.stop()


async def test_a_refusal_is_the_runs_end(run: DirectRun, provider: ScriptedProvider):
    await begun(run, provider)
    provider.script.fail(ProviderError("No such deployment.", code="unknown_model"))

    terminal = (await read_all(run))[-1]

    assert isinstance(terminal, e.RunFailed)
    assert terminal.code == "unknown_model"
    assert run.message.usage is None


async def test_an_answer_without_proof_is_interrupted(run: DirectRun, provider: ScriptedProvider):
    await begun(run, provider)
    provider.script.give((STARTED, TEXT, delta("half")))
    provider.script.end()

    assert isinstance((await read_all(run))[-1], e.RunInterrupted)


async def test_a_broken_order_fails_with_what_came_before_it(run: DirectRun, provider: ScriptedProvider):
    await begun(run, provider)
    provider.script.give((STARTED, TEXT, delta("good"), FINISHED))

    assert isinstance((await read_all(run))[-1], e.RunFailed)
    assert run.message.text == "good"


async def test_a_nudged_read_gives_nothing_and_a_closed_one_never_waits(run: DirectRun, provider: ScriptedProvider):
    await begun(run, provider)
    await run.read()
    reading = asyncio.create_task(run.read())
    await asyncio.sleep(0)

    run.nudge()
    assert await reading == []
    run.close()
    assert await run.read() == []
    await run.stop()


async def test_a_cancelled_program_leaves_no_call_behind(run: DirectRun, provider: ScriptedProvider):
    await begun(run, provider)

    making(run).cancel()

    assert isinstance((await read_all(run))[-1], e.RunStopped)
    assert provider.script.is_closed
