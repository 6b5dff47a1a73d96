"""Whatever a log may hold, every major version of the AI SDK reads it to its end and has what the log means."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from hypothesis import HealthCheck, Phase, given, settings

from penstock.core import events as e
from penstock.core import messages as m
from penstock.core.fold import fold
from penstock.wire.ui_message_stream import DIALECT
from support import node
from support.spec_cases import read_cases
from support.wire_logs import TERMINALS, encode, whole_logs, without_voids

SPLIT_BYTES = 13
CLIENTS = {
    "ai-5-first": "",
    "ai-5-last": "5",
    "ai-6-first": "",
    "ai-6-last": "6",
    "ai-7-first": "",
    "ai-7-last": "7",
}
"""Package -> the dialect that it asks for."""
TOOL_STATES = {
    "streaming": "input-streaming",
    "ready": "input-available",
    "invalid": "output-error",
    "done": "output-available",
    "failed": "output-error",
}
BESIDE_THE_PARTS = {"data-refusal", "data-content-filter"}

sixty = settings(
    max_examples=60,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

Log = list[e.Event]


def prepared_logs() -> list[Log]:
    """Give the logs of the cases, and random ones that are the same in every run."""
    cases = [case for folder in ("fold", "wire") for parameter in read_cases(folder) for case in parameter.values]
    logs = [msgspec.convert(case["events"], Log) for case in cases if "events" in case]
    whole = [log for log in logs if log and isinstance(log[0], e.RunStarted) and isinstance(log[-1], TERMINALS)]
    whole = [log for log in whole if without_voids(log) == log]

    @sixty
    @given(whole_logs(may_void=False))
    def draw(log: Log) -> None:
        whole.append(log)

    draw()
    return whole


LOGS = prepared_logs()


@asynccontextmanager
async def answering() -> AsyncIterator[str]:
    """Serve the logs as answers, in pieces that end inside lines and characters."""

    async def index(_request: web.Request) -> web.Response:
        query = {package: f"?dialect={dialect}" if dialect else "" for package, dialect in CLIENTS.items()}
        return web.json_response({"count": len(LOGS), "query": query})

    async def answer(request: web.Request) -> web.StreamResponse:
        body = encode(DIALECT, LOGS[int(request.match_info["index"])], parameters=dict(request.query))
        response = web.StreamResponse(headers={"Content-Type": DIALECT.media_type})
        await response.prepare(request)
        for start in range(0, len(body), SPLIT_BYTES):
            await response.write(body[start : start + SPLIT_BYTES])
        return response

    application = web.Application()
    application.add_routes([web.get("/answers", index), web.post("/answers/{index}", answer)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture(scope="session")
def read(js: Path) -> dict[str, list[Any]]:
    """What every version's page has of every log."""

    async def play() -> list[Any]:
        async with answering() as url:
            script = js / "vocabulary.mjs"
            return await asyncio.gather(*[node.run(script, package, url) for package in CLIENTS])

    return dict(zip(CLIENTS, asyncio.run(play()), strict=True))


def parts_of(log: Log, dialect: str) -> tuple[m.Part, ...]:
    """Give the parts that a page can have: only version 7 has a word for taking back what a void step opened."""
    return fold(event for event in log if dialect == "7" or not isinstance(event, e.StepReset)).parts


def expected_part(part: m.Part) -> tuple[Any, ...] | None:
    match part:
        case m.TextPart() | m.RefusalPart():
            return "text", part.text
        case m.ReasoningPart():
            return "reasoning", part.text
        case m.ToolPart():
            return "tool", part.tool_call_id, TOOL_STATES[part.state]
        case m.SourcePart():
            return "source", part.source_id
        case m.DataPart():
            return "data", f"data-{part.name}", part.value
        case _:
            return None


def read_part(part: dict[str, Any]) -> tuple[Any, ...] | None:
    kind = part["type"]
    if kind in {"text", "reasoning"}:
        return kind, part["text"]
    if kind.startswith("tool-"):
        return "tool", part["toolCallId"], part["state"]
    if kind.startswith("source-"):
        return "source", part["sourceId"]
    if kind.startswith("data-") and kind not in BESIDE_THE_PARTS:
        return "data", kind, part["data"]
    return None


def check_ending(outcome: Any, terminal: e.Event, dialect: str) -> None:
    match terminal:
        case e.RunFinished() | e.RunStopped():
            assert (outcome["status"], outcome["errors"]) == ("ready", [])
        case e.RunInterrupted() if dialect == "7":
            assert (outcome["status"], outcome["finishes"][-1]["finishReason"]) == ("ready", "interrupted")
        case e.RunFailed():
            assert (outcome["status"], outcome["errors"]) == ("error", [terminal.message])
        case _:
            assert outcome["status"] == "error"


@pytest.mark.parametrize("package", CLIENTS)
def test_every_log_is_read_to_its_end(read: dict[str, list[Any]], package: str):
    assert len(read[package]) == len(LOGS)
    for log, outcome in zip(LOGS, read[package], strict=True):
        folded, message = fold(log), outcome["messages"][-1]
        check_ending(outcome, log[-1], CLIENTS[package])
        assert message["metadata"]["status"] == folded.status
        there = [part for part in map(read_part, message["parts"]) if part is not None]
        assert there == [part for part in map(expected_part, parts_of(log, CLIENTS[package])) if part is not None]


@pytest.mark.parametrize("package", CLIENTS)
def test_what_is_passing_goes_to_the_page_and_is_not_kept(read: dict[str, list[Any]], package: str):
    for log, outcome in zip(LOGS, read[package], strict=True):
        stages = [event.stage for event in log if isinstance(event, e.Progress)]
        told = [part["data"]["stage"] for part in outcome["data"] if part["type"] == "data-progress"]
        assert told == stages
        kept = {part["type"] for part in outcome["messages"][-1]["parts"]}
        assert "data-progress" not in kept
