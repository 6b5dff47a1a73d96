"""Calls that can be cut: whatever the service does, stopping closes its socket at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.providers.conftest import KEY, REQUEST, ROLE, Serve, answer, chunk, collect, provider, refuse

from penstock.core.errors import UpstreamEndedError
from penstock.core.messages import TextPart
from penstock.core.requests import InputMessage, ModelRequest
from penstock.providers.azure_openai import AzureOpenAI, AzureOpenAISettings
from penstock.providers.retry import Chance


async def silent_before_headers(x: Any) -> None:
    await x.client_is_gone()


async def silent_before_tokens(x: Any) -> None:
    await x.start()
    await x.send(ROLE)
    await x.client_is_gone()


@pytest.mark.parametrize("silence", [silent_before_headers, silent_before_tokens])
async def test_close_cuts_a_silent_service_at_once(serve: Serve, silence: Any):
    reached = asyncio.Event()
    gone = asyncio.get_running_loop().create_future()

    async def script(x: Any) -> None:
        reached.set()
        await silence(x)
        gone.set_result(True)

    azure = provider(await serve(script))
    stream = azure.open(REQUEST)
    reading = asyncio.create_task(collect(stream))
    await reached.wait()
    await asyncio.sleep(0.02)
    assert await stream.close() is True
    assert await gone
    _, error = await reading
    assert isinstance(error, UpstreamEndedError)
    assert await stream.close() is True
    await azure.close()


async def test_close_between_tokens_cuts_the_socket(serve: Serve):
    gone = asyncio.get_running_loop().create_future()

    async def script(x: Any) -> None:
        await x.start()
        await x.send(ROLE + chunk({"content": "Hel"}))
        gone.set_result(await x.client_is_gone())

    azure = provider(await serve(script))
    stream = azure.open(REQUEST)
    async for _ in stream:
        assert await stream.close() is True
        break
    assert await gone
    await azure.close()


async def test_close_while_a_large_request_is_still_being_sent_cuts_the_socket():
    """A service that does not read must not keep the socket open."""
    connected = asyncio.Event()
    gone = asyncio.get_running_loop().create_future()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()
        connected.set()
        await closing.wait()
        writer.transport.resume_reading()
        try:
            while await reader.read(65536):
                pass
        except ConnectionError:
            pass
        gone.set_result(True)
        writer.close()

    closing = asyncio.Event()
    server = await asyncio.start_server(deaf, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    azure = AzureOpenAI(AzureOpenAISettings(endpoint=f"http://127.0.0.1:{port}", api_key=KEY))
    big = InputMessage(role="user", parts=(TextPart(text="x" * 30_000_000),))
    stream = azure.open(ModelRequest(model="dep", messages=(big,)))
    reading = asyncio.create_task(collect(stream))
    await connected.wait()
    await asyncio.sleep(0.05)
    assert await stream.close() is True
    closing.set()
    assert await gone
    await reading
    await azure.close()
    server.close()


async def test_close_before_the_first_read_sends_nothing(serve: Serve):
    service = await serve(answer)
    azure = provider(service)
    stream = azure.open(REQUEST)
    assert await stream.close() is True
    _, error = await collect(stream)
    assert isinstance(error, UpstreamEndedError)
    assert service.connections == 0
    await azure.close()


async def test_close_during_the_wait_for_a_retry_ends_it(serve: Serve):
    waiting = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waiting.set()
        await asyncio.sleep(seconds)

    service = await serve(refuse(503, retry_after="30"))
    settings = AzureOpenAISettings(endpoint=service.url, api_key=KEY, chance=Chance(sleep=sleep))
    azure = AzureOpenAI(settings)
    stream = azure.open(REQUEST)
    reading = asyncio.create_task(collect(stream))
    await waiting.wait()
    assert await stream.close() is True
    _, error = await reading
    assert isinstance(error, UpstreamEndedError)
    assert len(service.exchanges) == 1
    await azure.close()


async def test_cancelling_the_reader_cuts_the_socket(serve: Serve):
    gone = asyncio.get_running_loop().create_future()
    reached = asyncio.Event()

    async def script(x: Any) -> None:
        reached.set()
        gone.set_result(await x.client_is_gone())

    azure = provider(await serve(script))
    reading = asyncio.create_task(collect(azure.open(REQUEST)))
    await reached.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await gone
    await azure.close()
