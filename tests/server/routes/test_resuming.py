"""Coming back to a run over real HTTP, in every wire and after every event: nothing is lost, nothing comes twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from penstock.composition.dialects import DIALECTS
from penstock.core import events as e
from penstock.core.requests import ModelRequest
from penstock.wire.dialect import Dialect
from support.running import Running, running

STREAMED = [dialect for dialect in DIALECTS if not dialect.is_whole]
TAGGED = [dialect for dialect in STREAMED if dialect.media_type == "text/event-stream"]
DELTAS = 12

LOG: list[e.Event] = [
    e.Progress(stage="searching", state="started"),
    e.Source(source_id="s1", kind="url", url="https://example.org/a", title="A"),
    e.Progress(stage="searching", state="finished", detail="1 page", duration_ms=4.5),
    e.ContentFilter(stage="prompt", verdicts={"jailbreak": e.Verdict(detected=True)}),
    e.StepStarted(index=0, model="m-1"),
    e.ReasoningStarted(part_id="r"),
    e.ReasoningDelta(part_id="r", text="First "),
    e.ReasoningDelta(part_id="r", text="count."),
    e.ReasoningEnded(part_id="r", signature="c2ln"),
    e.ToolCallStarted(tool_call_id="c1", name="weather"),
    e.ToolCallDelta(tool_call_id="c1", arguments='{"city":'),
    e.ToolCallDelta(tool_call_id="c1", arguments='"Oslo"}'),
    e.ToolCallReady(tool_call_id="c1", name="weather", input={"city": "Oslo"}),
    e.StepFinished(index=0, finish_reason="tool-calls"),
    e.ToolResult(tool_call_id="c1", output={"celsius": -3}),
    e.Data(name="chart", value=[1, None], data_id="d"),
    e.StepStarted(index=1, model="m-2"),
    e.TextStarted(part_id="t"),
    *(e.TextDelta(part_id="t", text=f"⟨{number}⟩") for number in range(DELTAS)),
    e.TextEnded(part_id="t"),
    e.Source(source_id="s2", kind="document", title="B"),
    e.RefusalStarted(part_id="n"),
    e.RefusalDelta(part_id="n", text="No more."),
    e.RefusalEnded(part_id="n"),
    e.StepFinished(index=1, finish_reason="stop"),
    e.Usage(input=5, output=20),
]
"""Every kind of event that may be said; the run adds its start and its end."""


async def say_all(_request: ModelRequest) -> AsyncIterator[e.Event]:
    """Answer at once."""
    for event in LOG:
        yield event


async def say_slowly(_request: ModelRequest) -> AsyncIterator[e.Event]:
    """Answer so that every event is a batch of its own, and a reader can come back in between."""
    for event in LOG:
        yield event
        await asyncio.sleep(0.02)


@pytest.fixture
async def program(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path, {}, pipelines={"all": say_all, "slowly": say_slowly}) as server:
        yield server


async def read(program: Running, path: str, **headers: str) -> bytes:
    async with program.call("GET", path, headers=headers) as response:
        assert response.status == 200
        return await response.read()


def offsets(answer: bytes) -> list[int]:
    """The offsets of the frames of a server-sent answer."""
    return [int(line[4:]) for line in answer.splitlines() if line.startswith(b"id: ")]


@pytest.mark.parametrize("is_header", [True, False], ids=["header", "query"])
@pytest.mark.parametrize("dialect", STREAMED, ids=lambda dialect: f"{dialect.name} {dialect.media_type}")
async def test_after_every_offset_comes_exactly_the_rest(program: Running, dialect: Dialect, is_header: bool):
    run_id = (await program.send("c1", "Go.", model="all"))["run"]["id"]
    log = offsets((await program.wait_for_end(run_id)).encode())
    assert log == list(range(len(log)))
    assert len(log) >= len(LOG) + 2
    path = f"/api/runs/{run_id}/events?wire={dialect.name}"
    accept = {"Accept": dialect.media_type}
    whole = rest = await read(program, path, **accept)
    for after in log[:-1]:
        seen = {"Last-Event-ID": str(after)} if is_header else {}
        before, rest = rest, await read(program, path if is_header else f"{path}&after={after}", **accept, **seen)
        assert before.endswith(rest)
        assert whole.endswith(rest)
        if dialect in TAGGED:
            assert offsets(rest) == [seq for seq in offsets(whole) if seq > after]


@pytest.mark.parametrize("dialect", TAGGED, ids=lambda dialect: dialect.name)
async def test_a_reader_that_comes_back_again_and_again_has_the_answer_once(program: Running, dialect: Dialect):
    """It leaves after every frame that it can come back from, while the answer is being made."""
    run_id = (await program.send("c1", "Go.", model="slowly"))["run"]["id"]
    path = f"/api/runs/{run_id}/events?wire={dialect.name}"
    headers = {"Accept": dialect.media_type}
    got = b""
    while (status := await take_one(program, path, headers, got))[0]:
        got = status[1]
        headers["Last-Event-ID"] = str(offsets(got)[-1])
    assert got == (await read(program, path, Accept=dialect.media_type)).replace(b"data: [DONE]\n\n", b"")


async def take_one(program: Running, path: str, headers: dict[str, str], got: bytes) -> tuple[bool, bytes]:
    """Read up to the end of the first tagged frame and leave; says whether there was one."""
    piece = b""
    async with program.call("GET", path, headers=headers) as response:
        if response.status == 204:
            return False, got
        while not offsets(piece) or not piece.endswith(b"\n\n"):
            line = await response.content.readline()
            assert line, piece
            piece += b"" if line.startswith(b":") else line
        response.close()
    return True, got + piece


@pytest.mark.parametrize("wire", ["ndjson", "data-stream", "choices", "responses", "text"])
async def test_wires_without_offsets_are_followed_from_any(program: Running, wire: str):
    """Their readers count what they have by another: a page that reloads asks ``GET /api/runs/{id}`` for the run."""
    run_id = (await program.send("c1", "Go.", model="slowly"))["run"]["id"]
    path = f"/api/runs/{run_id}/events?wire={wire}"
    live = await read(program, path)
    assert live.endswith(await read(program, f"{path}&after=3"))
