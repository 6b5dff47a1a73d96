"""Streaming bodies are read whole from real sockets, and their connections go back to the pool."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.providers.conftest import STREAM_HEAD, Serve

from penstock.providers.body_receiver import HIGH_WATER_BYTES, BodyReceiver
from penstock.providers.http_client import HttpCall, HttpClient


async def start(client: HttpClient, service: Any) -> HttpCall:
    call = client.call()
    assert await call.start("POST", service.url, headers={}, body=b"{}") == 200
    return call


async def read_all(call: HttpCall) -> bytes:
    pieces: list[bytes] = []
    while piece := await call.read():
        pieces.append(piece)
    return b"".join(pieces)


async def test_head_and_body_in_one_packet_are_told_apart(serve: Serve):
    async def script(x: Any) -> None:
        x.writer.write(STREAM_HEAD + b"3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n")

    service = await serve(script)
    client = HttpClient(connect_s=1)
    for _ in range(3):
        call = await start(client, service)
        assert await read_all(call) == b"abcdef"
        assert await call.close() is True
    assert service.connections == 1
    await client.close()


async def test_an_answer_after_an_interim_one_is_read(serve: Serve):
    async def script(x: Any) -> None:
        x.writer.write(b"HTTP/1.1 102 Processing\r\n\r\n" + STREAM_HEAD)
        await x.send(b"abc")
        await x.end()

    client = HttpClient(connect_s=1)
    assert await read_all(await start(client, await serve(script))) == b"abc"
    await client.close()


async def test_a_head_cut_anywhere_is_read(serve: Serve):
    async def script(x: Any) -> None:
        for place in range(len(STREAM_HEAD)):
            x.writer.write(STREAM_HEAD[place : place + 1])
            await asyncio.sleep(0)
        await x.send(b"abc")
        await x.end()

    client = HttpClient(connect_s=1)
    assert await read_all(await start(client, await serve(script))) == b"abc"
    await client.close()


async def test_a_body_that_nobody_reads_holds_the_socket(serve: Serve):
    """What waits in memory is bounded; all of it arrives once it is read."""
    piece = b"x" * 65536
    count = 400

    async def script(x: Any) -> None:
        await x.start()
        for _ in range(count):
            await x.send(piece)
        await x.end()

    client = HttpClient(connect_s=1)
    call = await start(client, await serve(script))
    protocol = call._protocol  # pyright: ignore[reportPrivateUsage] - to see how much it holds
    assert isinstance(protocol, BodyReceiver)
    assert protocol.body is not None
    transport = protocol.transport
    assert transport is not None
    while transport.is_reading():  # noqa: ASYNC110 - a transport tells nobody that it pauses
        await asyncio.sleep(0)
    assert protocol.body.size_bytes <= HIGH_WATER_BYTES + 1024 * 1024
    assert len(await read_all(call)) == count * len(piece)
    await client.close()


async def test_broken_framing_ends_the_body_and_the_connection(serve: Serve):
    async def script(x: Any) -> None:
        await x.start()
        x.writer.write(b"3\r\nabc\r\nnonsense\r\n")
        await x.client_is_gone()

    client = HttpClient(connect_s=1)
    call = await start(client, await serve(script))
    assert await read_all(call) == b"abc"
    assert await call.close() is True
    await client.close()


async def test_a_compressed_body_is_left_to_aiohttp(serve: Serve):
    """It is not asked for, but a service may send it."""

    async def script(x: Any) -> None:
        head = STREAM_HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: identity\r\n\r\n")
        x.writer.write(head)
        await x.send(b"abc")
        await x.end()

    client = HttpClient(connect_s=1)
    assert await read_all(await start(client, await serve(script))) == b"abc"
    await client.close()
