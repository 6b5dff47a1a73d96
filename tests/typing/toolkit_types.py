"""What a type checker knows of the toolkit: checked by basedpyright with the rest, and never run.

Each ``pyright: ignore`` is a promise too: that line must stay an error.
"""
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import assert_type

import penstock
from penstock.core.messages import SourcePart, TokenUsage, ToolPart
from penstock.core.ports import ModelInfo
from penstock.core.usage import Cost, Timings
from penstock.integrations import asgi, flask
from penstock.providers.own_code import Pipeline


async def ask() -> None:
    async with penstock.stream("Hello", model="m", temperature=0.5, stop=["END"]) as answer:
        assert_type(answer, penstock.AnswerStream)
        async for event in answer:
            assert_type(event, penstock.Event)
            if isinstance(event, penstock.events.TextDelta):
                assert_type(event.text, str)
        async for text in answer.texts():
            assert_type(text, str)
        assert_type(await answer.stop(), bool)
    assert_type(answer.answer, penstock.Answer)
    assert_type(await penstock.collect([{"role": "user", "content": "Hello"}], on_token=print), penstock.Answer)
    async for text in penstock.text_stream("Hello"):
        assert_type(text, str)


async def ask_clients() -> None:
    async with penstock.Client(azure_openai_endpoint="https://example.com", pipelines={"own": asynchronous}) as client:
        assert_type(client, penstock.Client)
        assert_type(client.stream("Hello"), penstock.AnswerStream)
        assert_type(await client.collect("Hello"), penstock.Answer)
        assert_type(await client.list_models(), tuple[ModelInfo, ...])


def ask_without_a_loop() -> None:
    with penstock.stream_sync("Hello") as answer:
        assert_type(answer, penstock.SyncAnswerStream)
        for event in answer:
            assert_type(event, penstock.Event)
        for text in answer.texts():
            assert_type(text, str)
    assert_type(penstock.collect_sync("Hello"), penstock.Answer)
    with penstock.SyncClient(openai_api_key="key") as client:
        assert_type(client.stream("Hello"), penstock.SyncAnswerStream)
        assert_type(client.collect("Hello"), penstock.Answer)


def read(answer: penstock.Answer) -> None:
    assert_type(answer.text, str)
    assert_type(answer.chunks, tuple[str, ...])
    assert_type(answer.usage, TokenUsage | None)
    assert_type(answer.cost, Cost | None)
    assert_type(answer.timings, Timings | None)
    assert_type(answer.tool_calls, tuple[ToolPart, ...])
    assert_type(answer.sources, tuple[SourcePart, ...])
    assert_type(answer.error, penstock.AnswerError | None)
    assert_type(answer.raise_for_status(), penstock.Answer)


async def asynchronous(request: penstock.ModelRequest) -> AsyncIterator[str | penstock.Event]:
    assert_type(request.question, str)
    stage = penstock.Stage("searching")
    yield stage.started()
    yield penstock.source("Handbook", url="https://example.com")
    yield "text"


def plain(request: penstock.ModelRequest) -> Iterator[str]:
    yield request.question


def wrong(request: penstock.ModelRequest) -> Iterator[int]:
    yield len(request.question)


def own_pipelines() -> dict[str, Pipeline]:
    asgi.Api(pipelines={"a": asynchronous, "b": plain}, owner=lambda connection: connection.headers["x-user"])
    penstock.Client(pipelines={"c": wrong})  # pyright: ignore[reportArgumentType] - it yields numbers
    return {"list": lambda request: [request.question], "plain": plain}


def respond(client: penstock.Client, sync_client: penstock.SyncClient) -> None:
    asgi.StreamingAnswer(client.stream("Hello"), wire="ui-message-stream")
    flask.StreamingAnswer(sync_client.stream("Hello"), wire=None)
    asgi.StreamingAnswer(sync_client.stream("Hello"))  # pyright: ignore[reportArgumentType] - it would block the loop


def misspell() -> None:
    penstock.stream("Hello", temprature=1)  # pyright: ignore[reportCallIssue] - no such option
    penstock.stream("Hello", temperature="hot")  # pyright: ignore[reportArgumentType] - a number
    penstock.Client(azure_endpoint="x")  # pyright: ignore[reportCallIssue] - no such setting
    penstock.no_such_name()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType] - not there
