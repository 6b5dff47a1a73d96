"""The broom."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from penstock.core.errors import StoreError
from penstock.core.ports import Expired
from runs.conftest import OWNER, House, until
from runs.scripted import ask, whole_answer


async def test_a_log_goes_after_its_retention_time_and_its_message_stays(house: House):
    run_id = await house.answer(*whole_answer("a"), request=ask(conversation_id="c1"))
    assert await house.engine._sweeper.sweep() == 0
    house.clock.time += house.limits.retention_s + 1
    assert await house.engine._sweeper.sweep() == 1
    assert run_id in house.store.swept
    assert len(await house.store.list_messages(OWNER, "c1")) == 2


async def test_a_store_that_refuses_does_not_end_the_sweeping(make_house: Callable[..., House]):
    house = make_house(sweep_s=0)
    turns: list[float] = []

    async def refuse(*, ended_before: float) -> int:
        turns.append(ended_before)
        await asyncio.sleep(0)
        message = "busy"
        raise StoreError(message)

    house.store.sweep = refuse
    await house.engine.start()
    await until(lambda: len(turns) > 2)
    await house.engine.close()


async def test_what_nobody_can_have_back_goes_with_its_files(house: House):
    house.files.kept = {"att_1": b"x", "att_2": b"y"}
    expired = Expired(("c1",), ("att_1",))
    house.store.expired = expired
    await house.engine._sweeper.sweep()
    assert house.store.purged == [expired]
    assert list(house.files.kept) == ["att_2"]
    now = house.clock.now()
    assert house.store.asked_expired == (now - house.limits.deleted_retention_s, now - house.limits.unsent_retention_s)
    await house.engine._sweeper.sweep()
    assert len(house.store.purged) == 1, "nothing to drop, nothing is written"
