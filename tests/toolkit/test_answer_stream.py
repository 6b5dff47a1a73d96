"""An answer as it is made."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from penstock.core import events as e
from penstock.core.errors import CallerError
from penstock.emulator.server import Emulator
from penstock.toolkit.answer import AnswerError
from penstock.toolkit.answer_stream import MisuseError
from penstock.toolkit.client import Client


async def stats(emulator: Emulator) -> dict[str, Any]:
    """What the service has seen, asked as from outside."""
    async with aiohttp.ClientSession() as session, session.get(f"{emulator.url}/emulator/stats") as response:
        return json.loads(await response.text())


async def test_it_gives_every_event_from_the_start_to_the_terminal(client: Client):
    async with client.stream("count 5") as answer:
        events = [event async for event in answer]

    assert isinstance(events[0], e.RunStarted)
    assert events[0].run_id == answer.run.id
    assert isinstance(events[-1], e.RunFinished)
    assert answer.answer.text == "".join(event.text for event in events if isinstance(event, e.TextDelta))


async def test_leaving_in_the_middle_closes_the_call_at_once(client: Client, emulator: Emulator):
    async with client.stream("long 500 words", model="slow") as answer:
        async for event in answer:
            if isinstance(event, e.TextDelta):
                break

    await emulator.tally.until(lambda: emulator.tally.closed_early)
    seen = await stats(emulator)
    assert (seen["open"], seen["closed_early"], seen["tokens_sent_after_close"]) == (0, 1, 0)
    assert seen["closings"][0]["finished"] is False
    assert answer.answer.status == "stopped"
    assert answer.answer.error is None
    assert answer.answer.text
    assert answer.answer.usage is not None
    assert answer.answer.usage.source != "provider"


async def test_leaving_a_silent_service_closes_the_call(client: Client, emulator: Emulator):
    async with client.stream("Hello", model="silent"):
        await emulator.tally.until(lambda: emulator.tally.open)

    await emulator.tally.until(lambda: emulator.tally.closed_early)


async def test_an_error_in_the_body_closes_the_call_and_comes_out(client: Client, emulator: Emulator):
    async def read_and_fail() -> None:
        async with client.stream("long 500 words", model="slow") as answer:
            async for _ in answer.texts():
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await read_and_fail()

    await emulator.tally.until(lambda: emulator.tally.closed_early)


async def test_a_cancelled_task_closes_the_call(client: Client, emulator: Emulator):
    async def read() -> None:
        async with client.stream("long 500 words", model="slow") as answer:
            async for _ in answer:
                pass

    task = asyncio.create_task(read())
    await emulator.tally.until(lambda: emulator.tally.open)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await emulator.tally.until(lambda: emulator.tally.closed_early)


async def test_breaking_a_loop_without_a_block_closes_the_call(client: Client, emulator: Emulator):
    async for event in client.stream("long 500 words", model="slow"):
        if isinstance(event, e.TextDelta):
            break

    await emulator.tally.until(lambda: emulator.tally.closed_early)


async def test_stopping_leaves_the_terminal_to_be_read(client: Client):
    async with client.stream("long 500 words", model="slow") as answer:
        async for event in answer:
            if isinstance(event, e.TextDelta):
                break
        assert await answer.stop()
        events = [event async for event in answer]

    assert isinstance(events[-1], e.RunStopped)


async def test_a_loop_that_was_left_goes_on_where_it_was(client: Client):
    async with client.stream("count 20") as answer:
        events: list[e.Event] = []
        while not (events and isinstance(events[-1], e.RunFinished)):
            async for event in answer:
                events.append(event)
                break

    assert "".join(event.text for event in events if isinstance(event, e.TextDelta)) == answer.answer.text


async def test_texts_are_the_text_and_nothing_else(client: Client):
    async with client.stream("count 5") as answer:
        texts = [text async for text in answer.texts()]

    assert "".join(texts) == answer.answer.text
    assert answer.answer.chunks == tuple(texts)


async def test_a_cut_answer_has_an_error_and_its_part(client: Client):
    async with client.stream("long 900 words", model="cut") as answer:
        texts = [event.text async for event in answer if isinstance(event, e.TextDelta)]

    error = answer.answer.error
    assert error is not None
    assert error.code == "upstream_eof"
    assert error.answer.text == "".join(texts) != ""


async def test_a_refused_call_is_an_event_and_an_error_with_its_code(client: Client):
    async with client.stream("Hello", model="wrong-key") as answer:
        events = [event async for event in answer]

    assert isinstance(events[-1], e.RunFailed)
    error = answer.answer.error
    assert error is not None
    assert error.code == events[-1].code


async def test_an_unknown_model_is_the_callers_error(client: Client):
    with pytest.raises(CallerError) as caught:
        async with client.stream("Hello", model="none-such"):
            pass

    assert caught.value.field == "model"


async def test_it_is_made_once(client: Client):
    async with client.stream("count 2") as answer:
        pass

    with pytest.raises(MisuseError):
        async with answer:
            pass


async def test_what_was_not_asked_has_no_answer(client: Client):
    with pytest.raises(MisuseError):
        assert client.stream("count 2").answer


async def test_texts_of_a_cut_answer_end_in_an_error(client: Client):
    async with client.stream("long 900 words", model="cut") as answer:
        with pytest.raises(AnswerError):
            assert [text async for text in answer.texts()] == []
