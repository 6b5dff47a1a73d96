"""The proxies of ``deploy/`` hold nothing back: what the server sends, the reader has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from support.programs import Program

CHAT = "/api/chat"
TOKENS = 1000


def asking(text: str, model: str = "gpt-5.4-mini") -> dict[str, object]:
    """Give a request body."""
    return {"model": model, "messages": [{"role": "user", "content": text}]}


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A client that takes compressed answers, as browsers do."""
    async with aiohttp.ClientSession(
        headers={"Accept-Encoding": "gzip"}, timeout=aiohttp.ClientTimeout(total=60)
    ) as client:
        yield client


async def status_of(session: aiohttp.ClientSession, penstock: Program, run_id: str) -> str:
    """Ask the server itself how a run stands."""
    async with session.get(f"{penstock.url}/api/runs/{run_id}") as response:
        return (await response.json())["status"]


@pytest.mark.parametrize("wire", ["sse", "text", "events"])
async def test_the_first_token_comes_while_the_answer_is_made(
    front: str, penstock: Program, session: aiohttp.ClientSession, wire: str
) -> None:
    async with session.post(f"{front}{CHAT}?wire={wire}", json=asking(f"count {TOKENS}")) as response:
        assert response.status == 200
        assert "Content-Encoding" not in response.headers
        first = b""
        while "⟨1⟩".encode() not in first:
            first += await response.content.readany()
        assert f"⟨{TOKENS}⟩".encode() not in first
        run_id = response.headers["X-Run-Id"]
        assert await status_of(session, penstock, run_id) == "running", "the model service is still at it"
        async with session.post(f"{front}/api/runs/{run_id}/stop", json={}) as stopped:
            assert (await stopped.json())["status"] == "stopped"


async def test_heartbeats_pass_while_the_model_service_is_silent(front: str, session: aiohttp.ClientSession) -> None:
    async with session.post(front + CHAT, json=asking("hello", "fault-stall-first")) as response:
        run_id = response.headers["X-Run-Id"]
        for _ in range(3):
            assert (await response.content.readline()).startswith(b":")
            assert await response.content.readline() == b"\n"
        async with session.post(f"{front}/api/runs/{run_id}/stop", json={}) as stopped:
            assert (await stopped.json())["upstream_closed"] is True


async def test_a_reader_that_leaves_is_noticed_by_the_server(
    front: str, penstock: Program, session: aiohttp.ClientSession
) -> None:
    async with session.post(front + CHAT, json=asking("hello", "fault-stall-first")) as response:
        run_id = response.headers["X-Run-Id"]
        await response.content.readline()
    for _ in range(400):
        if await open_streams(session, penstock) == 0:
            break
        await asyncio.sleep(0.05)
    assert await open_streams(session, penstock) == 0
    assert await status_of(session, penstock, run_id) == "running", "leaving is not stopping"
    async with session.post(f"{front}/api/runs/{run_id}/stop", json={}):
        pass


async def open_streams(session: aiohttp.ClientSession, penstock: Program) -> int:
    """Give how many readers the server has."""
    async with session.get(penstock.url + "/metrics") as response:
        lines = (await response.text()).splitlines()
    return next(int(float(line.split()[1])) for line in lines if line.startswith("penstock_open_streams "))


async def test_a_socket_streams_through_the_proxy(front: str, session: aiohttp.ClientSession) -> None:
    message = {"id": "u1", "role": "user", "parts": [{"type": "text", "text": f"count {TOKENS}"}]}
    send = {"type": "send", "requestId": "r1", "id": "socket-1", "trigger": "submit-message", "messages": [message]}
    async with session.ws_connect(f"{front}/api/ws", headers={"Origin": front}) as socket, asyncio.timeout(30):
        await socket.send_json(send)
        text = ""
        while "⟨1⟩" not in text:
            text += (await socket.receive_json()).get("chunk", {}).get("delta", "")
        assert f"⟨{TOKENS}⟩" not in text
        await socket.send_json({"type": "abort", "requestId": "r1", "stop": True})
        while (frame := await socket.receive_json())["type"] == "chunk":
            last = frame["chunk"]
    assert (frame["type"], last) == ("end", {"type": "abort", "reason": "user"})


async def test_a_page_of_another_origin_is_refused_behind_the_proxy_too(
    front: str, session: aiohttp.ClientSession
) -> None:
    async with session.post(
        front + CHAT, json=asking("hello"), headers={"Origin": "http://elsewhere.example"}
    ) as response:
        assert response.status == 403
    async with session.post(front + CHAT, json=asking("hello"), headers={"Origin": front}) as response:
        assert response.status == 200


def test_the_composition_names_files_that_are_there(request: pytest.FixtureRequest) -> None:
    deploy = Path(request.path).parents[2] / "deploy"
    assert "dockerfile: deploy/Containerfile" in (deploy / "compose.yaml").read_text(encoding="utf-8")
    assert (deploy / "Containerfile").is_file()
