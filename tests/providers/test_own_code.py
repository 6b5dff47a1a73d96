"""A program's own generators as model services."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from penstock.core import events as e
from penstock.core.errors import CallerError, PenstockError, ProviderError, UpstreamEndedError
from penstock.core.messages import TextPart
from penstock.core.requests import InputMessage, ModelRequest
from penstock.providers.own_code import OwnCode, OwnStream

REQUEST = ModelRequest(model="own", messages=(InputMessage(role="user", parts=(TextPart(text="Hello"),)),))


def open_stream(pipeline: Any) -> OwnStream:
    return OwnCode(pipeline).open(REQUEST)


async def read(stream: OwnStream) -> str:
    texts = [event.text async for batch in stream for event in batch if isinstance(event, e.TextDelta)]
    return "".join(texts)


async def test_an_asynchronous_generator_answers():
    async def answer(request: ModelRequest) -> AsyncIterator[str]:
        for text in ("You said ", request.question, "."):
            await asyncio.sleep(0)
            yield text

    stream = open_stream(answer)

    assert await read(stream) == "You said Hello."
    assert await stream.close()


async def test_a_plain_generator_answers_from_a_thread_without_holding_the_loop():
    gate = threading.Event()
    threads: set[str] = set()

    def answer(_request: ModelRequest) -> Iterator[str]:
        threads.add(threading.current_thread().name)
        yield "one "
        assert gate.wait(30)  # opened by the loop, which must be free for it
        yield "two"

    stream = open_stream(answer)
    first = await anext(stream)
    gate.set()

    assert e.TextDelta(part_id="own-text", text="one ") in first
    assert await read(stream) == "two"
    assert all(name.startswith("pipeline") for name in threads)


async def test_a_list_of_texts_answers():
    assert await read(open_stream(lambda _request: ["one ", "two"])) == "one two"


async def test_stopping_reaches_a_generator_where_it_waits():
    ended: list[str] = []

    async def answer(_request: ModelRequest) -> AsyncIterator[str]:
        try:
            yield "one"
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        finally:
            ended.append("closed")

    stream = open_stream(answer)
    await anext(stream)

    assert await stream.close()
    assert ended == ["cancelled", "closed"]
    with pytest.raises(UpstreamEndedError):
        await anext(stream)


async def test_stopping_reaches_a_generator_that_nobody_reads():
    ended: list[str] = []

    async def answer(_request: ModelRequest) -> AsyncIterator[str]:
        try:
            while True:
                yield "more "
        finally:
            ended.append("closed")

    stream = open_stream(answer)
    await anext(stream)

    assert await stream.close()
    assert ended == ["closed"]


async def test_a_generator_that_nobody_reads_waits():
    yielded = 0

    async def answer(_request: ModelRequest) -> AsyncIterator[str]:
        nonlocal yielded
        while yielded < 10_000:
            yielded += 1
            yield "more "

    stream = open_stream(answer)
    await anext(stream)
    for _ in range(10):
        await asyncio.sleep(0)

    assert yielded < 200
    await stream.close()


async def test_a_plain_generator_is_closed_at_its_next_yield():
    ended = threading.Event()

    def answer(_request: ModelRequest) -> Iterator[str]:
        try:
            while True:
                yield "more "
        finally:
            ended.set()

    stream = open_stream(answer)
    await anext(stream)

    assert await stream.close()
    assert ended.is_set()


async def test_a_plain_generator_that_hangs_is_not_said_to_be_closed():
    gate = threading.Event()

    def answer(_request: ModelRequest) -> Iterator[str]:
        yield "one"
        gate.wait(30)

    stream = open_stream(answer)
    await anext(stream)

    assert not await stream.close()
    gate.set()


async def test_what_was_never_read_was_never_called():
    calls: list[ModelRequest] = []
    stream = open_stream(calls.append)

    assert await stream.close()
    assert calls == []


async def test_an_exception_is_a_failure_with_a_code_that_tells_no_secret(caplog: pytest.LogCaptureFixture):
    async def answer(_request: ModelRequest) -> AsyncIterator[str]:
        yield "one"
        message = "password=hunter2"
        raise ValueError(message)

    with pytest.raises(ProviderError) as caught:
        await read(open_stream(answer))

    assert caught.value.code == "pipeline_error"
    assert "ValueError" in caught.value.message
    assert "hunter2" not in caught.value.message
    assert "hunter2" in caplog.text


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (ProviderError("The index is being built.", code="index_down", is_retryable=True), "index_down", ProviderError),
        (CallerError("Ask about the handbook.", code="off_topic"), "off_topic", ProviderError),
        (PenstockError("Cut.", code="upstream_eof"), "upstream_eof", UpstreamEndedError),
    ],
)
async def test_an_error_with_a_sentence_for_people_keeps_it(error: Exception, code: str, kind: type[Exception]):
    def answer(_request: ModelRequest) -> Iterator[str]:
        yield "one"
        raise error

    with pytest.raises(kind, match=str(error)) as caught:
        await read(open_stream(answer))

    assert isinstance(caught.value, ProviderError)
    assert caught.value.code == code


@pytest.mark.parametrize("pipeline", [lambda _request: "text", lambda _request: None, lambda _request: 7])
async def test_what_is_no_generator_is_named(pipeline: Any):
    with pytest.raises(ProviderError, match="generator"):
        await read(open_stream(pipeline))
