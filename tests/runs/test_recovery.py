"""After a crash every run gets its end, with the text that was kept. On a real database, where that matters."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from penstock.core import events as e
from penstock.core.errors import StoreError
from penstock.stores.sqlite import SqliteStore
from runs.conftest import OWNER, House
from runs.scripted import STARTED, TEXT, ask, delta, whole_answer


async def crashed(house: House, count: int) -> list[str]:
    """Begin runs with one word each; their engine is then forgotten in the middle."""
    run_ids: list[str] = []
    for number in range(count):
        run_id, script = await house.begin(ask(conversation_id=f"c{number}"))
        script.give((STARTED, TEXT), (delta(f"kept {number}"),), (e.ToolCallStarted(tool_call_id="t", name="f"),))
        await house.settle(run_id, 5)
        run_ids.append(run_id)
    return run_ids


async def test_orphans_end_as_interrupted_with_their_text_and_no_open_part(house: House):
    run_ids = await crashed(house, 5)
    assert await house.restart().recover() == 5
    for number, run_id in enumerate(run_ids):
        *_, ended, invalid, usage, terminal = await house.read_all(run_id)
        assert isinstance(ended, e.TextEnded)
        assert isinstance(invalid, e.ToolCallInvalid)
        assert isinstance(usage, e.Usage)
        assert (usage.source, usage.input) == ("lower_bound", None)
        assert isinstance(terminal, e.RunInterrupted)
        assert terminal.cause == "producer-lost"
        message = (await house.store.list_messages(OWNER, f"c{number}"))[-1]
        assert (message.text, message.status, message.detail) == (f"kept {number}", "interrupted", "producer-lost")
    assert await house.engine.recover() == 0


async def test_what_lives_here_is_no_orphan(house: House):
    run_id, script = await house.begin()
    assert await house.engine.recover() == 0
    script.give(*whole_answer("a"))
    script.end()
    assert isinstance((await house.read_all(run_id))[-1], e.RunFinished)


async def test_one_orphan_that_can_not_be_ended_does_not_keep_the_others(house: House):
    run_ids = await crashed(house, 3)
    del house.store.logs[run_ids[1]]
    house.store.finish_errors.extend([StoreError("busy")] * 2)
    assert await house.restart().recover() == 2
    house.store.logs[run_ids[1]] = []
    await house.watch()
    assert [house.store.runs[run_id].status for run_id in run_ids] == ["interrupted"] * 3


async def test_an_orphan_whose_log_is_gone_ends_without_text(house: House):
    (run_id,) = await crashed(house, 1)
    house.store.logs[run_id].clear()
    assert await house.restart().recover() == 1
    assert house.store.runs[run_id].status == "interrupted"
    assert [type(event) for event in await house.read_all(run_id)] == [e.RunStarted, e.RunInterrupted]
    assert house.store.endings[-1].folded.text == ""


@pytest.mark.parametrize("count", [200])
async def test_many_orphans_of_a_real_database(house: House, tmp_path: Path, count: int):
    before = await SqliteStore.open(tmp_path / "p.db", clock=house.clock)
    house.store = before  # pyright: ignore[reportAttributeAccessIssue] - the real one in the place of the fake
    crashing = house.restart()
    run_ids = await crashed(house, count)
    house.restart()
    assert await house.engine.recover() == count
    for run_id in run_ids:
        events = await house.read_all(run_id)
        assert isinstance(events[-1], e.RunInterrupted)
        assert any(isinstance(event, e.TextDelta) for event in events)
    await crashing.close()
    await house.engine.close()
    await before.close()
    assert len(asyncio.all_tasks()) == 1
    after = await SqliteStore.open(tmp_path / "p.db", clock=house.clock)
    assert await after.list_orphans("inst_1") == []
    await after.close()


async def test_a_whole_life_on_a_real_database(house: House, tmp_path: Path):
    store = await SqliteStore.open(tmp_path / "p.db", clock=house.clock)
    house.store = store  # pyright: ignore[reportAttributeAccessIssue] - the real one in the place of the fake
    house.restart()
    request = ask("Hello there", conversation_id="c1", client_message_id="m1")
    begun = await asyncio.gather(*(house.engine.begin(OWNER, request) for _ in range(5)))
    assert [each.is_new for each in begun].count(True) == 1
    await house.provider.asked.wait()
    house.provider.script.give(*whole_answer("Good ", "day"))
    house.provider.script.end()
    run_id = begun[0].run.id
    live = await house.read_all(run_id)
    house.restart()
    assert await house.read_all(run_id) == live
    assert [message.text for message in await store.list_messages(OWNER, "c1")] == ["Hello there", "Good day"]
    again = await house.begin(ask("And again", conversation_id="c1"))
    receipt = await house.engine.stop(OWNER, again[0])
    assert (receipt.status, receipt.upstream_closed) == ("stopped", True)
    conversation = await store.get_conversation(OWNER, "c1")
    assert conversation.title == "Hello there"
    await house.engine.close()
    await store.close()
