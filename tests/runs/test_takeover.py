"""A run whose service goes on by itself survives its producer: another instance goes on where the log ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from penstock.core import events as e
from penstock.core.fold import Folder
from penstock.core.requests import ModelRequest
from runs.conftest import OWNER, House, drain, until
from runs.scripted import Script, ScriptedProvider, ask, delta, whole_answer


class ServiceAnswer:
    """What the service makes, whoever listens: a list of batches that grows."""

    def __init__(self) -> None:
        self.batches: list[tuple[e.Event, ...]] = []
        self.is_complete = False
        self.is_cancelled = False
        self.grown = asyncio.Event()

    def give(self, *batches: tuple[e.Event, ...], is_last: bool = False) -> None:
        self.batches.extend(batches)
        self.is_complete = is_last
        self.grown.set()


class BackgroundStream(Script):
    """One listener of it, from a place on."""

    def __init__(self, answer: ServiceAnswer, place: int) -> None:
        super().__init__(ScriptedProvider.no_request)
        self.answer = answer
        self.place = place
        self.has_left = False

    @property
    def resume_token(self) -> str | None:
        return str(self.place) if self.place else None

    async def __aiter__(self) -> AsyncIterator[tuple[e.Event, ...]]:
        self.opened.set()
        while True:
            while self.place < len(self.answer.batches):
                self.place += 1
                yield self.answer.batches[self.place - 1]
            if self.answer.is_complete:
                return
            self.answer.grown.clear()
            await self.answer.grown.wait()

    async def close(self) -> bool:
        self.answer.is_cancelled = True
        return await super().close()

    async def leave(self) -> None:
        self.has_left = True


class BackgroundProvider(ScriptedProvider):
    """A service in background mode."""

    def __init__(self) -> None:
        super().__init__()
        self.made = ServiceAnswer()
        self.resumed: list[str] = []

    def open(self, request: ModelRequest) -> BackgroundStream:
        del request
        return self._listen(0)

    def resume(self, token: str) -> BackgroundStream:
        self.resumed.append(token)
        return self._listen(int(token))

    def _listen(self, place: int) -> BackgroundStream:
        stream = BackgroundStream(self.made, place)
        self.scripts.append(stream)
        self.asked.set()
        return stream


@pytest.fixture
def background(make_house: Callable[..., House]) -> House:
    house = make_house(poll_s=0, linger_s=0)
    house.provider = BackgroundProvider()
    house.restart()
    return house


ANSWER = whole_answer("one ", "two ", "three ", "four")


async def begin(house: House) -> str:
    run_id, _ = await house.begin(ask(conversation_id="c1"))
    house.provider.made.give(*ANSWER[:3])
    await house.settle(run_id, 1 + sum(map(len, ANSWER[:3])))
    return run_id


def crash(house: House) -> None:
    """Let the engine's producers die on the spot, and put another engine in its place."""
    for producer in house.engine._roster.live:
        assert producer._task is not None
        producer._task.cancel()
    house.restart()


async def test_another_instance_goes_on_where_the_log_ends(background: House):
    run_id = await begin(background)
    crash(background)
    follower = await background.engine.follow(OWNER, run_id)
    assert await background.engine.recover() == 1
    background.provider.made.give(*ANSWER[3:], is_last=True)
    events = [event for batch in await drain(follower) for event in batch.events]
    folder = Folder()
    for event in events:
        folder.feed(event)
    assert (folder.message.text, folder.message.status) == ("one two three four", "finished")
    assert background.provider.resumed == ["3"]
    assert background.store.runs[run_id].epoch == 2
    message = (await background.store.list_messages(OWNER, "c1"))[-1]
    assert (message.text, message.status) == ("one two three four", "finished")
    assert isinstance(events[-1], e.RunFinished)


async def test_what_the_dead_one_did_not_keep_is_asked_for_again(background: House):
    run_id = await begin(background)
    background.store.is_withholding = True
    background.provider.made.give(*ANSWER[3:4])
    await until(lambda: len(background.store.waiting) == 1)
    background.store.waiting.clear()
    background.store.is_withholding = False
    crash(background)
    await background.engine.recover()
    background.provider.made.give(*ANSWER[4:], is_last=True)
    await drain(await background.engine.follow(OWNER, run_id))
    message = (await background.store.list_messages(OWNER, "c1"))[-1]
    assert message.text == "one two three four"


async def test_a_stop_that_came_while_nobody_produced_is_kept(background: House):
    run_id = await begin(background)
    await background.store.request_stop(OWNER, run_id, at=1.0)
    crash(background)
    await background.engine.recover()
    await until(lambda: background.store.runs[run_id].status == "stopped")
    message = (await background.store.list_messages(OWNER, "c1"))[-1]
    assert (message.text, message.detail) == ("one two ", "user")


async def test_draining_leaves_the_run_to_the_next_instance_and_the_service_to_its_work(background: House):
    run_id = await begin(background)
    leaving = background.engine
    await leaving.close()
    assert background.provider.script.has_left
    assert not background.provider.made.is_cancelled
    assert background.store.runs[run_id].is_live
    await background.restart().recover()
    background.provider.made.give(*ANSWER[3:], is_last=True)
    await drain(await background.engine.follow(OWNER, run_id))
    assert (await background.store.list_messages(OWNER, "c1"))[-1].text == "one two three four"


async def test_a_run_whose_service_can_not_go_on_ends_as_interrupted(background: House):
    run_id = await begin(background)
    background.provider = ScriptedProvider()
    crash(background)
    assert await background.engine.recover() == 1
    assert background.store.runs[run_id].status == "interrupted"


async def test_before_the_service_gave_a_token_there_is_nothing_to_go_on_with(background: House):
    run_id, _ = await background.begin()
    crash(background)
    await background.engine.recover()
    assert background.store.runs[run_id].status == "interrupted"
    assert background.provider.resumed == []


async def test_a_run_that_is_taken_over_counts_as_live_and_is_stopped_like_any_other(background: House):
    run_id = await begin(background)
    crash(background)
    await background.engine.recover()
    assert background.engine.live_count == 1
    receipt = await background.engine.stop(OWNER, run_id)
    assert (receipt.status, receipt.upstream_closed) == ("stopped", True)
    assert background.provider.made.is_cancelled
    assert delta("two ") in [event for batch in background.store.logs[run_id] for event in batch.events]
