"""The compare-and-set by which a run ends; its retries are tested with the producer."""

from __future__ import annotations

import asyncio
from collections import Counter

from penstock.core import events as e
from penstock.core.errors import StoreError
from runs.conftest import OWNER, House, drain
from runs.scripted import STARTED, TEXT, ask, delta, whole_answer


async def test_an_end_whose_commit_was_reported_as_failed_is_not_written_twice(house: House):
    """The store did it and then lost the answer: the second attempt finds our own terminal, and shows it."""
    run_id, script = await house.begin()
    finish = house.store.finish
    attempts: list[bool] = []

    async def finish_and_forget(ending):  # noqa: ANN001, ANN202 - the port's own signature
        attempts.append(await finish(ending))
        if len(attempts) == 1:
            message = "The answer was lost."
            raise StoreError(message)
        return attempts[-1]

    house.store.finish = finish_and_forget
    script.give(*whole_answer("a"))
    script.end()
    events = await house.read_all(run_id)
    assert attempts == [True, False]
    assert isinstance(events[-1], e.RunFinished)
    assert [event for batch in await house.store.read(run_id) for event in batch.events] == events


async def test_many_recoveries_at_once_end_a_run_once(house: House):
    run_id, script = await house.begin(ask(conversation_id="c1"))
    script.give((STARTED, TEXT), (delta("a"),))
    await house.settle(run_id, 4)
    engines = [house.restart() for _ in range(5)]
    await asyncio.gather(*(engine.recover() for engine in engines))
    assert len(house.store.endings) == 1
    assert sum((Counter(engine.endings) for engine in engines), Counter()) == {"interrupted": 1}
    follower = await house.engine.follow(OWNER, run_id)
    assert [batch.is_terminal for batch in await drain(follower)].count(True) == 1
    assert len(await house.store.list_messages(OWNER, "c1")) == 2
