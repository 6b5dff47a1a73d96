"""What a WebSocket's connection does when the process ends or the peer is gone; readers are in test_chat_socket.py."""

from __future__ import annotations

import asyncio
import base64
import os

from support.running import Running, Start, until


async def open_by_hand(server: Running) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Shake hands, and then be a peer that answers nothing by itself."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET /api/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 ")
    return reader, writer


async def test_a_peer_that_answers_no_ping_is_closed(start: Start):
    server = await start(heartbeat_s=0.1, write_deadline_s=0.3)
    reader, writer = await open_by_hand(server)
    async with asyncio.timeout(15):
        assert (await reader.read(2))[0] & 0x0F == 9, "a ping"
        await reader.read()
    await until(lambda: len(server.server.server_state.connections) == 0)
    writer.close()


async def test_the_process_ends_while_a_peer_says_goodbye_and_reads_no_more(start: Start):
    server = await start(write_deadline_s=0.3)
    _, writer = await open_by_hand(server)
    (connection,) = server.server.server_state.connections
    connection.transport.pause_reading()
    connection.transport.write(b"x" * 10_000_000)
    connection.conn.send_close(1000)
    async with asyncio.timeout(15):
        await server.server.shutdown()
    await until(connection.transport.is_closing)
    assert "SocketConnection(client=" in repr(connection)
    writer.close()


async def test_a_socket_counts_for_its_address_as_long_as_it_lives(start: Start):
    server = await start(max_connections_per_address=2)
    _, writer = await open_by_hand(server)
    _, another = await open_by_hand(server)
    reader, refused = await asyncio.open_connection("127.0.0.1", server.port)
    assert b" 429 " in await reader.readline()
    another.close()
    await until(lambda: len(server.server.server_state.connections) == 1)
    _, third = await open_by_hand(server)
    for each in (writer, refused, third):
        each.close()
