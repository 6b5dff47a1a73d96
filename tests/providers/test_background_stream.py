"""Answers made in the background outlive their connection and their instance; a stop ends them at the service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from penstock.core import events as e
from penstock.core.errors import UpstreamEndedError
from penstock.core.messages import TextPart
from penstock.core.order import Order
from penstock.core.ports import ResumableStream
from penstock.core.requests import InputMessage, ModelRequest
from penstock.emulator.server import Emulator, start_emulator
from penstock.providers.azure_openai import AzureDeployment, AzureOpenAISettings
from penstock.providers.background_stream import BackgroundStream
from penstock.providers.openai_responses import OpenAIResponses, OpenAIResponsesSettings
from providers.conftest import World, collect, text_of

COUNTED = "".join(f"⟨{number}⟩" for number in range(1, 201))


def make(url: str, **settings: Any) -> OpenAIResponses:
    route = AzureDeployment(AzureOpenAISettings(endpoint=url, api_key="k"), route="responses")
    return OpenAIResponses(route, OpenAIResponsesSettings(name="azure_openai", is_background=True, **settings))


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    started = await start_emulator(profile="fast")
    yield started
    await started.close()


@pytest.fixture
async def instance(emulator: Emulator) -> AsyncIterator[Callable[[], OpenAIResponses]]:
    """Make instances of the provider, as several servers have them."""
    made: list[OpenAIResponses] = []

    def make_one() -> OpenAIResponses:
        made.append(make(emulator.url))
        return made[-1]

    yield make_one
    for provider in made:
        await provider.close()


def counting(model: str = "gpt-5.4-mini", prompt: str = "count 200") -> ModelRequest:
    message = InputMessage(role="user", parts=(TextPart(text=prompt),))
    return ModelRequest(model=model, messages=(message,))


async def read_until(stream: Any, count: int) -> list[e.Event]:
    """Read until so many characters of text have come."""
    events: list[e.Event] = []
    async for batch in stream:
        events.extend(batch)
        if len(text_of(events)) >= count:
            break
    return events


def check_order(events: list[e.Event]) -> None:
    order = Order()
    order.accept(e.RunStarted(run_id="r", message_id="m", model="m", provider="p"))
    for event in events:
        order.accept(event)


async def test_it_streams_like_any_other(instance: Callable[[], OpenAIResponses]):
    stream = instance().open(counting())
    assert isinstance(stream, ResumableStream)
    assert stream.resume_token is None
    events, error = await collect(stream)
    assert (text_of(events), error) == (COUNTED, None)
    assert stream.resume_token is None
    assert await stream.close()


@pytest.mark.parametrize("fault", ["fault-cut-fin", "fault-cut-rst"])
async def test_a_broken_connection_loses_and_doubles_nothing(instance: Callable[[], OpenAIResponses], fault: str):
    for place in range(2_000, 60_000, 9_973):
        events, error = await collect(instance().open(counting(f"{fault};at={place}")))
        assert error is None, place
        assert text_of(events) == COUNTED
        check_order(events)


async def test_another_instance_takes_over(instance: Callable[[], OpenAIResponses], emulator: Emulator):
    first = instance().open(counting("profile-fast;token_ms=2"))
    assert isinstance(first, BackgroundStream)
    events = await read_until(first, 50)
    token = first.resume_token
    assert token is not None
    await first.leave()
    second = instance().resume(token)
    rest, error = await collect(second)
    assert error is None
    assert text_of([*events, *rest]) == COUNTED
    check_order([*events, *rest])
    assert emulator.tally.cancelled_responses == 0


async def test_a_stop_cancels_the_answer_at_the_service(instance: Callable[[], OpenAIResponses], emulator: Emulator):
    stream = instance().open(counting("profile-fast;token_ms=20"))
    await read_until(stream, 20)
    assert await stream.close()
    assert await stream.close()
    assert emulator.tally.cancelled_responses == 1


async def test_one_that_took_over_can_stop_too(instance: Callable[[], OpenAIResponses], emulator: Emulator):
    first = instance().open(counting("profile-fast;token_ms=20"))
    assert isinstance(first, BackgroundStream)
    await read_until(first, 20)
    token = first.resume_token
    await first.leave()
    second = instance().resume(token or "")
    await read_until(second, 10)
    assert await second.close()
    assert emulator.tally.cancelled_responses == 1


async def test_what_was_never_asked_needs_no_cancel(instance: Callable[[], OpenAIResponses]):
    assert await instance().open(counting()).close()


async def test_what_was_refused_needs_no_cancel(instance: Callable[[], OpenAIResponses]):
    stream = instance().open(counting("fault-429-day"))
    _, error = await collect(stream)
    assert error is not None
    assert error.code == "rate_limited"
    assert await stream.close()


async def test_what_was_asked_without_an_answer_is_not_certain_to_be_closed(instance: Callable[[], OpenAIResponses]):
    stream = instance().open(counting("fault-stall-headers"))
    assert isinstance(stream, BackgroundStream)
    reading = asyncio.create_task(collect(stream))
    while not stream._beginning.is_asked:  # noqa: ASYNC110 - there is no event for it, and none is needed but here
        await asyncio.sleep(0)
    assert not await stream.close()
    _, error = await reading
    assert isinstance(error, UpstreamEndedError)


async def test_an_answer_that_the_service_lost_is_interrupted(instance: Callable[[], OpenAIResponses]):
    first = instance().open(counting("profile-fast;token_ms=20"))
    assert isinstance(first, BackgroundStream)
    await read_until(first, 20)
    token = (first.resume_token or "").replace("resp_", "resp_other")
    await first.close()
    _, error = await collect(instance().resume(token))
    assert isinstance(error, UpstreamEndedError)


async def test_a_service_that_is_gone_interrupts_it_and_confirms_nothing():
    emulator = await start_emulator(profile="fast")
    provider = make(emulator.url, chance=World().chance())
    stream = provider.open(counting("profile-fast;token_ms=20"))
    await read_until(stream, 20)
    await emulator.close()
    _, error = await collect(stream)
    assert error is not None
    assert not await stream.close()
    await provider.close()
