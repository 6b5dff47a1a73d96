"""When a call is tried again, how long is waited, and when not."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

import pytest
from tests.providers.conftest import (
    KEY,
    NOW,
    REQUEST,
    ROLE,
    Serve,
    World,
    answer,
    ask,
    chunk,
    collect,
    provider,
    refuse,
    stages,
    text_of,
)

from penstock.providers.azure_openai import AzureOpenAI, AzureOpenAISettings


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504])
async def test_a_passing_fault_is_tried_again_and_told(serve: Serve, status: int):
    world = World()
    service = await serve(refuse(status), answer)
    events, error = await ask(provider(service, world))
    assert error is None
    assert text_of(events) == "Hello"
    assert stages(events) == ["started", "finished"]
    assert world.slept == [0.5]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after_ms": "300", "retry_after": "5"}, 0.3),
        ({"retry_after": formatdate(NOW + 12, usegmt=True)}, 12.0),
        ({"retry_after": formatdate(NOW - 12, usegmt=True)}, 0.0),
        ({"retry_after": "soon"}, 0.5),
        ({"retry_after": "-1"}, 0.5),
        ({}, 0.5),
    ],
)
async def test_the_wait_that_the_service_asks_for_is_obeyed(serve: Serve, headers: dict[str, str], expected: float):
    world = World()
    await ask(provider(await serve(refuse(429, **headers), answer), world))
    assert world.slept == pytest.approx([expected])


async def test_a_wait_in_the_text_is_obeyed(serve: Serve):
    world = World()
    body = {"error": {"code": "429", "message": "Rate limit reached. Please retry after 20 seconds."}}
    await ask(provider(await serve(refuse(429, body), answer), world))
    assert world.slept == [20.0]


async def test_an_absurd_wait_is_the_persons_decision(serve: Serve):
    world = World()
    service = await serve(refuse(429, retry_after="86400"))
    _, error = await ask(provider(service, world))
    assert error is not None
    assert (error.code, error.retry_after_s, error.is_retryable) == ("rate_limited", 86400.0, True)
    assert world.slept == []


async def test_retries_end(serve: Serve):
    world = World()
    service = await serve(refuse(500))
    events, error = await ask(provider(service, world))
    assert error is not None
    assert error.code == "server_error"
    assert world.slept == [0.5, 1.0, 2.0]
    assert stages(events) == ["started", "started", "started", "failed"]


async def test_retries_end_with_the_time(serve: Serve):
    world = World()
    _, error = await ask(provider(await serve(refuse(429, retry_after="25")), world))
    assert error is not None
    assert world.slept == [25.0, 25.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
async def test_a_lasting_fault_is_not_tried_again(serve: Serve, status: int):
    service = await serve(refuse(status))
    _, error = await ask(provider(service))
    assert error is not None
    assert not error.is_retryable
    assert len(service.exchanges) == 1


async def test_an_error_frame_before_any_content_is_tried_again_and_the_step_reset(serve: Serve):
    async def fail(x: Any) -> None:
        await x.stream(ROLE + b'data: {"error":{"message":"Busy.","code":"503"}}\n\n')

    events, error = await ask(provider(await serve(fail, answer)))
    assert error is None
    kinds = [type(event).__name__ for event in events]
    assert kinds[:5] == ["StepStarted", "StepReset", "Progress", "Progress", "StepStarted"]
    assert text_of(events) == "Hello"


async def test_an_error_frame_after_content_is_final(serve: Serve):
    async def fail(x: Any) -> None:
        await x.stream(ROLE + chunk({"content": "Hel"}) + b'data: {"error":{"message":"Busy.","code":"503"}}\n\n')

    service = await serve(fail)
    events, error = await ask(provider(service))
    assert error is not None
    assert error.code == "overloaded"
    assert text_of(events) == "Hel"
    assert len(service.exchanges) == 1


async def test_a_refused_connection_is_tried_again_and_then_named(serve: Serve):
    service = await serve(answer)
    url = service.url
    await service.close()
    world = World()
    azure = AzureOpenAI(AzureOpenAISettings(endpoint=url, api_key=KEY, chance=world.chance()))
    _, error = await ask(azure)
    assert error is not None
    assert error.code == "connection"
    assert url.removeprefix("http://") in error.message
    assert len(world.slept) == 3


async def test_a_kept_connection_that_died_costs_nothing_visible(serve: Serve):
    async def answer_and_die_on_the_next(x: Any) -> None:
        await answer(x)
        await x.reader.readuntil(b"\r\n\r\n")
        x.reset()

    world = World()
    service = await serve(answer_and_die_on_the_next, answer)
    azure = provider(service, world)
    await collect(azure.open(REQUEST))
    events, error = await collect(azure.open(REQUEST))
    await azure.close()
    assert error is None
    assert text_of(events) == "Hello"
    assert stages(events) == []
    assert world.slept == []
    assert service.connections == 2
