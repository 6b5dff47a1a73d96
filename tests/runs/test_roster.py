"""Who produces what, and how much of it there may be; the limits' errors are tested with the engine."""

from __future__ import annotations

from collections.abc import Callable

from runs.conftest import OWNER, House, until
from runs.scripted import whole_answer


async def test_an_ended_run_is_found_for_a_moment_and_then_let_go(make_house: Callable[..., House]):
    house = make_house(linger_s=0)
    run_id, script = await house.begin()
    roster = house.engine._roster
    producer = roster.find(OWNER, run_id)
    assert producer is not None
    assert roster.live == [producer]
    assert roster.find("eve", run_id) is None
    script.give(*whole_answer("a"))
    script.end()
    await until(lambda: not roster.live)
    assert roster.find(OWNER, run_id) is producer
    await until(lambda: roster.find(OWNER, run_id) is None)
    await house.engine.close()


async def test_places_are_counted_back_to_nothing(house: House):
    for _ in range(3):
        run_id, _ = await house.begin()
        await house.engine.stop(OWNER, run_id)
    assert house.engine._roster._reserved == 0
    assert house.engine._roster._by_owner == {}
