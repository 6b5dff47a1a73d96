"""Streaming answers: heartbeats, vanished and deaf readers, and the end at shutdown."""

from __future__ import annotations

import asyncio
import contextlib
import re
import resource
import socket

import pytest

from penstock.composition.dialects import DIALECTS
from support.running import Running, Start, until

LONG = "echo: " + "whatflow " * 100_000
"""Its answer is 0.9 MB: more than all buffers on the way hold."""
EVENTS_REQUEST = "GET /api/runs/{run_id}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def open_deaf_reader(port: int, request: str) -> socket.socket:
    """Ask, with a tiny receive buffer, and never read."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect(("127.0.0.1", port))
    reader.sendall(request.encode())
    return reader


@pytest.mark.parametrize("wire", sorted({dialect.name for dialect in DIALECTS if dialect.heartbeat}))
async def test_silence_is_filled_with_what_the_wire_allows(start: Start, wire: str):
    server = await start(heartbeat_s=0.1)
    accepted = await server.send("c1", "count 5", model="silent")
    beats = 0
    async with server.call("GET", f"/api/runs/{accepted['run']['id']}/events?wire={wire}") as response:
        async for line in response.content:
            is_framed = response.headers["Content-Type"] == "text/event-stream"
            beats += line.startswith(b":") if is_framed else line == b"\n"
            if beats == 3:
                break
    await server.json("POST", "/api/chat/c1/stop")


async def test_a_stream_that_flows_has_no_heartbeats(start: Start):
    server = await start(heartbeat_s=1.0)
    accepted = await server.send("c1", "count 40", model="slow")
    assert "\n:" not in await server.wait_for_end(accepted["run"]["id"])


async def test_a_reader_that_never_reads_is_dropped_and_others_are_unhurt(start: Start):
    server = await start(write_deadline_s=0.4)
    accepted = await server.send("c1", LONG)
    run_id = accepted["run"]["id"]
    deaf = [open_deaf_reader(server.port, EVENTS_REQUEST.format(run_id=run_id)) for _ in range(5)]
    whole = await server.wait_for_end(run_id)
    assert '"run-finished"' in whole
    streams = server.application.services.streams
    await until(lambda: streams.dropped == 5 and len(streams) == 0)
    await until(lambda: len(server.server.server_state.connections) <= 1)
    for reader in deaf:
        reader.close()
    assert '"run-finished"' in await server.wait_for_end(run_id)


async def test_a_slow_reader_is_not_dropped(start: Start):
    """It reads a little at a time, always within the deadline."""
    server = await start(write_deadline_s=1.0)
    accepted = await server.send("c1", LONG)
    run_id = accepted["run"]["id"]
    size = len(await server.wait_for_end(run_id))
    reader = open_deaf_reader(server.port, EVENTS_REQUEST.format(run_id=run_id))
    reader.setblocking(False)
    loop = asyncio.get_running_loop()
    got = 0
    while got < size:
        piece = await loop.sock_recv(reader, 64 * 1024)
        assert piece, "the server dropped a reader that reads"
        got += len(piece)
        await asyncio.sleep(0.005)
    reader.close()


async def test_replaying_to_vanished_readers_does_not_starve_the_others(server: Running):
    accepted = await server.send("c1", LONG)
    run_id = accepted["run"]["id"]
    await server.wait_for_end(run_id)
    for _ in range(20):
        open_deaf_reader(server.port, EVENTS_REQUEST.format(run_id=run_id)).close()
    async with asyncio.timeout(60):
        assert (await server.json("GET", "/healthz"))["status"] == "ok"
    await until(lambda: len(server.application.services.streams) == 0)


async def test_a_backlog_pins_little_memory_for_a_reader_that_does_not_read(server: Running):
    accepted = await server.send("c1", LONG)
    run_id = accepted["run"]["id"]
    await server.wait_for_end(run_id)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    deaf = [open_deaf_reader(server.port, EVENTS_REQUEST.format(run_id=run_id)) for _ in range(30)]
    await until(lambda: len(server.application.services.streams) == 30)
    await server.wait_for_end(run_id)
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    for reader in deaf:
        reader.close()
    assert grown_kib < 30 * 2048


async def test_nothing_is_read_ahead_for_a_reader_that_does_not_read(start: Start):
    server = await start(heartbeat_s=0.2)
    accepted = await server.send("c1", LONG)
    run_id = accepted["run"]["id"]
    await server.wait_for_end(run_id)
    deaf = open_deaf_reader(server.port, EVENTS_REQUEST.format(run_id=run_id))
    services = server.application.services
    await until(lambda: len(services.streams) == 1)
    await until(lambda: "kept=0" not in repr(services.engine._ports.pages))
    await until(lambda: "kept=0" in repr(services.engine._ports.pages))
    assert len(services.streams) == 1
    deaf.close()


async def test_draining_ends_the_run_and_its_readers_get_the_terminal(server: Running):
    accepted = await server.send("c1", "count 5", model="silent")
    following = asyncio.create_task(server.wait_for_end(accepted["run"]["id"]))
    await until(lambda: len(server.application.services.streams) == 1)
    await server.application.drain()
    text = await following
    assert '"type":"run-stopped","by":"shutdown"' in text
    problem = await server.json("POST", "/api/chat", json={"messages": [{"role": "user", "content": "x"}]}, status=503)
    assert problem["code"] == "unavailable"
    assert (await server.json("GET", "/readyz", status=503))["status"] == "draining"


async def test_a_stream_that_cannot_be_ended_well_is_cut(server: Running):
    """The engine is told nothing, and this wire has no word for it: what is seen must not look like a whole answer."""
    accepted = await server.send("c1", "count 5", model="silent")
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(EVENTS_REQUEST.replace(" HTTP", "?wire=text HTTP").format(run_id=accepted["run"]["id"]).encode())
    await reader.readuntil(b"\r\n\r\n")
    await server.application.services.streams.end()
    rest = await reader.read()
    assert not rest.endswith(b"0\r\n\r\n")
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    await server.json("POST", "/api/chat/c1/stop")


@pytest.mark.parametrize(("wire", "model"), [("events", "slow"), ("sse", "slow"), ("events", "silent")])
async def test_a_reader_is_asked_to_come_back_before_a_proxy_cuts_it(start: Start, wire: str, model: str):
    """The stream ends cleanly with the word to come back; at the offset nothing is missing."""
    server = await start(recycle_streams_after_s=0.3, heartbeat_s=0.2)
    accepted = await server.send("c1", "count 60", model=model)
    path = f"/api/runs/{accepted['run']['id']}/events?wire={wire}"
    async with server.call("GET", path) as response:
        first = (await response.read()).decode()
    assert first.endswith("retry: 100\n\n")
    assert "⟨60⟩" not in first
    if model == "silent":
        await server.json("POST", "/api/chat/c1/stop")
        return
    seen = first
    while "⟨60⟩" not in seen:
        offset = max(int(line[4:]) for line in seen.splitlines() if line.startswith("id: "))
        async with server.call("GET", path, headers={"Last-Event-ID": str(offset)}) as response:
            seen += (await response.read()).decode()
    assert re.findall("⟨([0-9]+)⟩", seen) == [str(number) for number in range(1, 61)]


async def test_a_stream_that_nobody_can_resume_is_not_recycled(start: Start):
    server = await start(recycle_streams_after_s=0.2, heartbeat_s=0.2)
    body = {"messages": [{"role": "user", "content": "count 40"}], "model": "slow"}
    async with server.call("POST", "/api/chat", json=body) as response:
        assert "[DONE]" in (await response.read()).decode()
