"""One WebSocket, many requests: each is answered by itself, and no client can hold the others up."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from penstock.server.chat_socket import MAX_REQUESTS
from support.running import Running, Start, until

LONG = "count 400000"
"""Megabytes: more than the kernel takes for one who does not read, however many words come at once."""


class Client:
    """A client of ``/api/ws`` that keeps what it gets by request."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def send(self, **frame: Any) -> None:
        await self.socket.send_str(json.dumps(frame))

    async def ask(self, request_id: str, text: str, *, chat: str = "c1", model: str = "fast") -> None:
        message = {"id": f"u-{request_id}", "role": "user", "parts": [{"type": "text", "text": text}]}
        await self.send(
            type="send",
            requestId=request_id,
            id=chat,
            trigger="submit-message",
            messages=[message],
            headers={},
            body={"model": model},
        )

    async def frame(self) -> dict[str, Any]:
        async with asyncio.timeout(60):
            return json.loads(await self.socket.receive_str())

    async def frames(self, request_id: str) -> list[dict[str, Any]]:
        """Read on to the request's end; frames of others are passed over."""
        got: list[dict[str, Any]] = []
        while not got or got[-1]["type"] in {"start", "chunk"}:
            frame = await self.frame()
            got += [frame] if frame["requestId"] == request_id else []
        return got

    async def grow(self, request_id: str, count: int) -> None:
        """Read until that many chunks of the request have come."""
        while count:
            frame = await self.frame()
            count -= frame["type"] == "chunk" and frame["requestId"] == request_id


@asynccontextmanager
async def connect(server: Running, path: str = "/api/ws", **options: Any) -> AsyncIterator[Client]:
    async with server.session.ws_connect(server.url + path, **options) as socket:
        yield Client(socket)


def text_of(frames: list[dict[str, Any]]) -> str:
    chunks = [frame["chunk"] for frame in frames if frame["type"] == "chunk"]
    return "".join(chunk["delta"] for chunk in chunks if chunk["type"] == "text-delta")


def kinds(frames: list[dict[str, Any]]) -> tuple[str, str]:
    return frames[0]["type"], frames[-1]["type"]


async def test_an_answer_comes_in_numbered_chunks(server: Running):
    async with connect(server) as client:
        await client.ask("r1", "count 20")
        frames = await client.frames("r1")
    assert kinds(frames) == ("start", "end")
    assert [frame["sequence"] for frame in frames[1:-1]] == list(range(len(frames) - 2))
    assert text_of(frames) == "".join(f"⟨{number}⟩" for number in range(1, 21))
    assert frames[-2]["chunk"]["finishReason"] == "stop"


async def test_two_requests_do_not_mix(server: Running):
    async with connect(server) as client:
        await client.ask("slow", "count 30", chat="c1", model="slow")
        await client.ask("fast", "echo: at once", chat="c2")
        assert text_of(await client.frames("fast")) == "at once"
        await client.ask("next", "echo: another", chat="c2")
        assert text_of(await client.frames("next")) == "another"


async def test_a_resume_replays_the_whole_answer_or_what_was_not_seen(server: Running):
    async with connect(server) as first, connect(server) as second:
        await first.ask("r1", "count 40", model="slow")
        await first.grow("r1", 10)
        await second.send(type="resume", requestId="r2", id="c1", headers={}, body={})
        await second.send(type="resume", requestId="r3", id="c1", lastSequence=6, headers={}, body={})
        whole, rest = await asyncio.gather(first.frames("r1"), second.frames("r2"))
        assert kinds(whole) == ("chunk", "end")
        assert text_of(rest) == "".join(f"⟨{number}⟩" for number in range(1, 41))
    async with connect(server) as third:
        await third.ask("r1", "count 40", chat="c3", model="slow")
        await third.grow("r1", 10)
        await third.send(type="resume", requestId="r3", id="c3", lastSequence=6, headers={}, body={})
        rest = await third.frames("r3")
    assert rest[1]["sequence"] == 7


async def test_there_is_nothing_to_resume_where_nothing_runs(server: Running):
    async with connect(server) as client:
        await client.send(type="resume", requestId="r1", id="unknown", headers={}, body={})
        assert await client.frames("r1") == [{"type": "no-active", "requestId": "r1"}]


async def test_an_abort_detaches_and_the_run_goes_on(server: Running):
    async with connect(server) as client:
        await client.ask("r1", "count 30", model="slow")
        await client.grow("r1", 5)
        await client.send(type="abort", requestId="r1")
        await client.ask("r2", "echo: still here", chat="c2")
        assert text_of(await client.frames("r2")) == "still here"
        await until(lambda: len(server.application.services.streams) == 0)
    run = (await server.json("GET", "/api/conversations/c1"))["active_run"]
    assert '"run-finished"' in await server.wait_for_end(run["id"])


async def test_an_abort_that_says_stop_stops_the_run_and_shows_its_end(server: Running):
    async with connect(server) as client:
        await client.ask("r1", "count 500", model="slow")
        await client.grow("r1", 5)
        await client.send(type="abort", requestId="r1", stop=True)
        frames = await client.frames("r1")
    assert kinds(frames) == ("chunk", "end")
    assert frames[-2]["chunk"] == {"type": "abort", "reason": "user"}


async def test_a_stop_may_come_before_the_run_has_begun(server: Running):
    async with connect(server) as client:
        await client.ask("r1", "count 500", model="slow")
        await client.send(type="abort", requestId="r1", stop=True)
        frames = await client.frames("r1")
    assert frames[-2]["chunk"]["type"] == "abort"


async def test_an_abort_of_what_has_ended_is_nobody_s_fault(server: Running):
    async with connect(server) as client:
        await client.send(type="abort", requestId="gone", stop=True)
        await client.ask("r1", "echo: on")
        assert text_of(await client.frames("r1")) == "on"


async def test_a_disconnect_is_not_a_stop(server: Running):
    async with connect(server) as client:
        await client.ask("r1", "count 30", model="slow")
        await client.grow("r1", 5)
    run = (await server.json("GET", "/api/conversations/c1"))["active_run"]
    assert '"run-finished"' in await server.wait_for_end(run["id"])
    await until(lambda: len(server.application.services.streams) == 0)


@pytest.mark.parametrize(
    ("text", "request_id", "field"),
    [
        ("no JSON", "", None),
        ('{"type": "send"}', "", "requestId"),
        ('{"type": "shout", "requestId": "r1"}', "r1", "type"),
        ('{"type": "send", "requestId": "r1", "messages": []}', "r1", "messages"),
    ],
)
async def test_a_bad_frame_is_answered_and_the_connection_stays(
    server: Running, text: str, request_id: str, field: str | None
):
    async with connect(server) as client:
        await client.socket.send_str(text)
        error = await client.frame()
        assert (error["type"], error["requestId"], error.get("field")) == ("error", request_id, field)
        await client.ask("r2", "echo: on")
        assert text_of(await client.frames("r2")) == "on"


async def test_a_refused_message_is_an_error_that_names_the_field(server: Running):
    async with connect(server) as client:
        await client.ask("r1", "hello", model="no-such-model")
        (error,) = await client.frames("r1")
    assert (error["type"], error["field"], error["code"]) == ("error", "model", "unknown_model")
    assert "no-such-model" in error["errorText"]


async def test_a_request_id_is_not_taken_twice_at_once(server: Running):
    async with connect(server) as client:
        await client.ask("r1", "count 500", model="slow")
        await client.grow("r1", 3)
        await client.ask("r1", "hello", chat="c2")
        frames = await client.frames("r1")
    assert (frames[-1]["type"], frames[-1]["field"]) == ("error", "requestId")
    await server.json("POST", "/api/chat/c1/stop")


async def test_a_connection_answers_so_many_requests_at_once(server: Running):
    async with connect(server) as client:
        for number in range(MAX_REQUESTS + 1):
            await client.send(type="resume", requestId=f"r{number}", id="c1", headers={}, body={})
            if number == 0:
                await client.frames("r0")
                await client.ask("r-run", "count 500", model="slow")
                await client.grow("r-run", 2)
        frames = await client.frames(f"r{MAX_REQUESTS}")
    assert (frames[-1]["type"], frames[-1]["code"]) == ("error", "unavailable")
    await server.json("POST", "/api/chat/c1/stop")


async def test_a_frame_that_is_too_large_closes_the_connection(start: Start):
    server = await start(body_limit_bytes=10_000)
    async with connect(server) as client:
        await client.ask("r1", "x" * 20_000)
        assert (await client.socket.receive()).type == aiohttp.WSMsgType.CLOSE
        assert client.socket.close_code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_a_page_of_another_origin_is_refused(server: Running, headers: dict[str, str]):
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await server.session.ws_connect(server.url + "/api/ws", headers=headers)
    assert refusal.value.status == 403


async def test_an_unknown_host_is_refused(server: Running):
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await server.session.ws_connect(server.url + "/api/ws", headers={"Host": "evil.example"})
    assert refusal.value.status == 421


async def test_the_page_s_own_origin_passes(server: Running):
    async with connect(server, headers={"Origin": server.url}) as client:
        await client.ask("r1", "echo: welcome")
        assert text_of(await client.frames("r1")) == "welcome"


async def test_no_other_path_takes_a_socket(server: Running):
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await server.session.ws_connect(server.url + "/api/chat")
    assert refusal.value.status == 403


async def test_a_client_that_never_reads_is_dropped_and_others_are_unhurt(start: Start):
    server = await start(write_deadline_s=0.4)
    streams = server.application.services.streams
    async with connect(server) as deaf, connect(server) as other:
        await deaf.ask("r1", LONG)
        transport = deaf.socket._response.connection.transport
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        transport.pause_reading()
        await until(lambda: streams.dropped == 1)
        await until(lambda: len(streams) == 0)
        transport.abort()
        await other.ask("r2", "echo: unhurt", chat="c2")
        assert text_of(await other.frames("r2")) == "unhurt"


async def test_draining_ends_every_request_and_then_the_connection(start: Start):
    server = await start()
    async with connect(server) as client:
        await client.ask("r1", "count 9", model="silent")
        await client.grow("r1", 1)
        ending = asyncio.create_task(server.server.shutdown())
        frames = await client.frames("r1")
        assert frames[-2]["chunk"] == {"type": "abort", "reason": "shutdown"}
        assert (await client.socket.receive()).type == aiohttp.WSMsgType.CLOSE
        assert client.socket.close_code == 1012
        await ending
