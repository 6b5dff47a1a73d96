"""One answer without a client of one's own: each of these opens its connections, and closes them with the answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Unpack

from penstock.toolkit.answer import Answer
from penstock.toolkit.answer_stream import AnswerStream
from penstock.toolkit.asking import Asking, Prompt
from penstock.toolkit.client import Client
from penstock.toolkit.collector import Collector, OnComplete, OnError, OnToken
from penstock.toolkit.sync_client import SyncAnswerStream, SyncClient


def stream(prompt: Prompt, **asking: Unpack[Asking]) -> AnswerStream:
    """Ask for an answer as it is made; see `AnswerStream`. A program that asks often has a `Client`.

    Raises `CallerError` that names the field at fault, and `SettingsError` for a wrong configuration.
    """
    client = Client()
    answer = client.stream(prompt, **asking)
    answer.call_at_end(client.close)
    return answer


async def text_stream(prompt: Prompt, **asking: Unpack[Asking]) -> AsyncGenerator[str]:
    """Ask, and give the pieces of text alone; raises `AnswerError` at the end of an answer that is not whole."""
    async with stream(prompt, **asking) as answer, aclosing(answer.texts()) as texts:
        async for text in texts:
            yield text


async def collect(
    prompt: Prompt | AnswerStream,
    *,
    on_token: OnToken | None = None,
    on_complete: OnComplete | None = None,
    on_error: OnError | None = None,
    **asking: Unpack[Asking],
) -> Answer:
    """Ask for a whole answer, or read one to its end; see `Collector` for the callbacks.

    Raises `AnswerError`, which has the part that there is, when the answer is not whole.
    """
    collector = Collector(on_token=on_token, on_complete=on_complete, on_error=on_error)
    async with prompt if isinstance(prompt, AnswerStream) else stream(prompt, **asking) as answer:
        async for event in answer:
            collector.feed(event)
    return collector.answer.raise_for_status()


def stream_sync(prompt: Prompt, **asking: Unpack[Asking]) -> SyncAnswerStream:
    """Ask for an answer as it is made, without an event loop; a program that asks often has a `SyncClient`."""
    client = SyncClient()
    answer = client.stream(prompt, **asking)
    answer.call_at_end(client.close)
    return answer


def collect_sync(
    prompt: Prompt | SyncAnswerStream,
    *,
    on_token: OnToken | None = None,
    on_complete: OnComplete | None = None,
    on_error: OnError | None = None,
    **asking: Unpack[Asking],
) -> Answer:
    """Ask for a whole answer, without an event loop; see `collect`."""
    collector = Collector(on_token=on_token, on_complete=on_complete, on_error=on_error)
    with prompt if isinstance(prompt, SyncAnswerStream) else stream_sync(prompt, **asking) as answer:
        for event in answer:
            collector.feed(event)
    return collector.answer.raise_for_status()
