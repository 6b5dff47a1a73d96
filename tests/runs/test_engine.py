"""What the engine promises, end to end over a store in memory."""

from __future__ import annotations

from penstock.core import events as e
from runs.conftest import OWNER, House
from runs.scripted import ask, whole_answer


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
    assert run.usage is not None
    assert run.usage.source == "estimated"
    assert run.cost is not None
    assert run.cost.usd == 4


async def test_stop_in_the_middle(house: House):
    run_id, script = await house.begin()
    script.give(*whole_answer("a", "b")[:3])
    follower = await house.engine.follow(OWNER, run_id)
    seen = 0
    while seen < 5:
        seen += sum(len(batch.events) for batch in await follower.read())
    receipt = await house.engine.stop(OWNER, run_id)
    assert (receipt.status, receipt.upstream_closed) == ("stopped", True)
    assert script.is_closed
