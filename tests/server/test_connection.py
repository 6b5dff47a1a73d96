"""The deadlines of a connection."""

from __future__ import annotations

import asyncio
import json

import pytest

from support.running import Running, Start, until


async def test_half_a_head_is_not_waited_for(start: Start):
    server = await start(header_deadline_s=0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.")
    async with asyncio.timeout(5):
        assert await _read_to_end(reader) == b""
    writer.close()


async def test_a_connection_that_says_nothing_is_closed(start: Start):
    server = await start(header_deadline_s=0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    async with asyncio.timeout(5):
        assert await _read_to_end(reader) == b""
    writer.close()


async def test_a_second_head_has_its_deadline_too(start: Start):
    server = await start(header_deadline_s=0.3)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    await reader.readuntil(b'{"status":"ok"}')
    writer.write(b"GET /healthz HTTP/1.1\r\n")
    async with asyncio.timeout(5):
        assert await _read_to_end(reader) == b""
    writer.close()


async def test_an_idle_connection_stays_open_for_longer_than_a_proxy_keeps_it(start: Start):
    """Most proxies use a connection again for up to 60 s: the one who closes first must not be the server."""
    server = await start()
    assert server.server.config.timeout_keep_alive > 60
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    await reader.readuntil(b'{"status":"ok"}')
    [connection] = server.server.server_state.connections
    handle = connection.timeout_keep_alive_task  # what closes it, later
    assert handle.when() - asyncio.get_running_loop().time() > 60
    writer.close()


async def test_an_idle_connection_is_closed_in_the_end(start: Start):
    server = await start(keep_alive_s=1)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    async with asyncio.timeout(5):
        assert (await _read_to_end(reader)).endswith(b'{"status":"ok"}')
    writer.close()


@pytest.mark.parametrize(
    "body",
    [
        "Content-Length: 50\r\n\r\n{",
        "Transfer-Encoding: chunked\r\n\r\nffff\r\n{",
        "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n",
    ],
)
async def test_a_body_that_stops_half_way_is_not_waited_for(start: Start, body: str):
    server = await start(header_deadline_s=0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    head = "POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    writer.write((head + body).encode())
    async with asyncio.timeout(5):
        assert b"HTTP/1.1 2" not in await _read_to_end(reader)
    writer.close()


async def test_a_body_that_comes_slowly_is_taken(start: Start):
    server = await start(header_deadline_s=1.5)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    body = b'{"messages":[{"role":"user","content":"echo: slow"}]}'
    head = "POST /api/chat?wire=text HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode())
    for byte in body:
        writer.write(bytes((byte,)))
        await asyncio.sleep(0.04)
    async with asyncio.timeout(20):
        assert b"slow" in await _read_to_end(reader)
    writer.close()


async def test_an_endless_head_is_cut(server: Running):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 40_000)
    async with asyncio.timeout(5):
        assert not (await _read_to_end(reader)).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_a_whole_answer_that_is_never_read_is_dropped(start: Start):
    """Not only streams: a large page read by nobody is held no longer than the deadline."""
    server = await start(write_deadline_s=0.4)
    accepted = await server.send("c1", "echo: " + "whatflow " * 100_000)
    await server.wait_for_end(accepted["run"]["id"])
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
    writer.write(b"GET /api/conversations/c1 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    del reader
    connections = server.server.server_state.connections
    await until(lambda: len(connections) <= 1)
    writer.close()


async def _read_to_end(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionError:
        return b""


async def test_an_address_has_so_many_connections_and_no_more(start: Start):
    server = await start(max_connections_per_address=2)
    kept = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(2)]
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    async with asyncio.timeout(5):
        refusal = await _read_to_end(reader)
    head, _, body = refusal.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 429 ")
    assert f"content-length: {len(body)}".encode() in head.lower()
    assert json.loads(body)["code"] == "too_many_connections"
    writer.close()
    kept.pop()[1].close()
    async with asyncio.timeout(15):
        while not (await _ask_health(server.port)).startswith(b"HTTP/1.1 200 "):
            pass
    for _, open_writer in kept:
        open_writer.close()


async def _ask_health(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    answer = await _read_to_end(reader)
    writer.close()
    return answer
