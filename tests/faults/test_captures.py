"""Streams of real services through the whole program: what the bytes say is what is followed, and what is kept.

A bare socket replays each stream whole, byte by byte, and cut between any two events (in three ways to end a body) and
inside of events; a real ``penstock serve`` answers from it. The streams are cases of ``spec/providers``, and
recordings of real services when they are beside the checkout.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest

from support.api import Api, Transcript
from support.captures import RECORDINGS, load_recording, needs_recordings
from support.chunk_oracle import Said, boundaries, read_answer
from support.programs import Program
from support.replay import Ending, Replay, ReplayService
from support.spec_cases import SPEC

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
CASES = (
    "azure-async-block-after-stop",
    "azure-async-filter",
    "azure-context",
    "azure-filter-failed",
    "azure-inline-verdicts",
    "azure-latency-in-usage",
    "azure-prompt-annotations",
    "azure-text",
    "comments-crlf",
    "error-detail",
    "error-event-bare",
    "error-frame",
    "error-string",
    "finish-with-last-text",
    "framing",
    "function-call",
    "llama-cpp-timings",
    "logprobs",
    "no-done",
    "ollama-v1",
    "other-choices-beside",
    "reasoning-beside-content",
    "reasoning-content",
    "reasoning-field",
    "refusal",
    "sources-citations",
    "tools-after-text",
    "tools-empty-id-later",
    "tools-parallel",
    "tools-whole-in-one-chunk",
    "unknown-fields",
    "usage-cumulative",
    "vllm-stop-reason",
)
AT_ONCE = 24
CUTS = 12
SHOWN = 5
LARGE_BYTES = 20_000
LARGE_STEP = 7
KEY = "key-of-the-replay"
PART_FIELDS = {
    "text": ("part_id", "text"),
    "reasoning": ("part_id", "text"),
    "refusal": ("part_id", "text"),
    "tool-call": ("tool_call_id", "arguments"),
    "source": ("source_id", "url"),
}
WORDS = {"text-delta": "text", "reasoning-delta": "reasoning", "refusal-delta": "refusal"}


def load(names: tuple[str, ...]) -> dict[str, bytes]:
    """Give the streams of these names."""
    if names == RECORDINGS:
        return {name: load_recording(name) for name in names}
    cases = {name: json.loads((SPEC / "providers" / f"{name}.json").read_text(encoding="utf-8")) for name in names}
    return {name: "".join(case["bytes"]).encode() for name, case in cases.items()}


def replays(name: str, data: bytes, choices: random.Random, *, is_long: bool) -> list[Replay]:
    """Give the ways in which one stream is sent."""
    size = len(data)
    step = LARGE_STEP if size > LARGE_BYTES and not is_long else 1
    endings: tuple[Ending, ...] = get_args(Ending)
    sent = [Replay(name, size, size, ending) for ending in endings]
    sent += [Replay(name, size, step, "terminated"), Replay(name, size, step, "fin")]
    places = boundaries(data)[:-1]
    if is_long:
        sent += [Replay(name, place, at_once, end) for place in places for end in endings for at_once in steps(place)]
        sent += [Replay(name, choices.randrange(size), 1 + place % 64, "fin") for place in range(50)]
        return sent
    chosen = choices.sample(places, min(CUTS, len(places)))
    sent += [Replay(name, place, steps(place)[n % 2], endings[n % 3]) for n, place in enumerate(chosen)]
    return [*sent, *(Replay(name, choices.randrange(size), 64, "fin") for _ in range(2))]


def steps(size: int) -> tuple[int, int]:
    """Give how many bytes to write at once: all, or half, so that the rest and the end come while the first is kept."""
    return max(1, size), size // 2 + 1


def models_for(name: str) -> tuple[str, ...]:
    """Give the models that a stream is shown to: Azure's go through both of its APIs."""
    return ("azure-v1", "azure-classic") if name.startswith("azure") else ("chat",)


@dataclass
class World:
    """A server whose models are replayed to it, and a client of it."""

    service: ReplayService
    api: Api
    runs: int = 0

    async def show(self, replay: Replay, data: bytes, model: str) -> None:
        """Let the server answer from a stream, and check what came of it."""
        self.runs += 1
        conversation_id = f"c{self.runs}"
        status, body = await self.api.send(conversation_id, replay.prompt, model=model)
        assert status == 202, body
        transcript = await self.api.follow(Transcript(body["run"]["id"]))
        again = await self.api.follow(Transcript(body["run"]["id"]))
        conversation = await self.api.get(f"/api/conversations/{conversation_id}")
        try:
            assert again.events == transcript.events, "the kept log is another one than the live log"
            check_log(transcript, read_answer(data[: replay.size]))
            check_message(conversation["messages"][-1], transcript)
        except AssertionError as error:
            message = f"{model}: {replay}"
            raise AssertionError(message) from error

    async def show_all(self, shows: list[tuple[Replay, bytes, str]]) -> None:
        """Show many, some at once."""
        places = asyncio.Semaphore(AT_ONCE)

        async def show(replay: Replay, data: bytes, model: str) -> None:
            async with places:
                await self.show(replay, data, model)

        outcomes = await asyncio.gather(*(show(*one) for one in shows), return_exceptions=True)
        wrong = [outcome for outcome in outcomes if outcome is not None]
        if wrong:
            message = f"{len(wrong)} of {len(outcomes)} answers are wrong"
            raise BaseExceptionGroup(message, wrong[:SHOWN])


def check_log(transcript: Transcript, said: Said) -> None:
    """Hold the followed log to what the bytes say."""
    events = [event for _, event in sorted(transcript.events.items())]
    assert transcript.is_gapless
    for kind, key in WORDS.items():
        assert "".join(event["text"] for event in events if event["type"] == kind) == getattr(said, key)
    assert calls_of(events) == [[call.call_id, call.name, call.arguments] for call in said.calls]
    assert [terminal["type"] for terminal in transcript.terminals] == [said.terminal]
    if said.terminal == "run-finished":
        assert (events[-1]["finish_reason"], events[-1]["raw"]) == (said.reason, said.finish)
    if said.terminal == "run-interrupted":
        assert events[-1]["cause"] == "upstream-eof"
    usage = [event for event in events if event["type"] == "usage"][-1:]
    if said.tokens is None:
        assert all(event["source"] in {"estimated", "lower_bound"} for event in usage)
    else:
        names = ("input", "output", "total", "cached", "reasoning")
        assert {name: usage[0][name] for name in names if name in usage[0]} == said.tokens
        assert usage[0].get("source", "provider") == "provider"


def calls_of(events: list[dict[str, Any]]) -> list[list[str | None]]:
    """Give id, name and raw arguments of each call; an id that the server had to make up is None."""
    calls: dict[str, list[str | None]] = {}
    for event in events:
        match event["type"]:
            case "tool-call-started":
                call_id = event["tool_call_id"]
                calls[call_id] = [None if call_id == f"call-{len(calls)}" else call_id, event["name"], ""]
            case "tool-call-delta":
                call = calls[event["tool_call_id"]]
                call[2] = (call[2] or "") + event["arguments"]
            case _:
                pass
    return list(calls.values())


def check_message(message: dict[str, Any], transcript: Transcript) -> None:
    """Hold the stored message to the followed log."""
    events = [event for _, event in sorted(transcript.events.items())]
    parts: dict[str, str] = {}
    for event in events:
        match event["type"].rpartition("-"):
            case ("text" | "reasoning" | "refusal" | "tool-call", _, "started"):
                parts[event.get("part_id") or event["tool_call_id"]] = ""
            case ("text" | "reasoning" | "refusal", _, "delta"):
                parts[event["part_id"]] += event["text"]
            case ("tool-call", _, "delta"):
                parts[event["tool_call_id"]] += event["arguments"]
            case (_, _, "source"):
                parts[event["source_id"]] = event.get("url") or event["title"]
            case _:
                pass
    kept = [[part.get(name) for name in PART_FIELDS[part["type"]]] for part in message["parts"]]
    assert [(part_id, words or "") for part_id, words in kept] == list(parts.items())
    assert message["status"] == events[-1]["type"].removeprefix("run-")
    assert message["role"] == "assistant"
    counted = [event for event in events if event["type"] == "usage"][-1:]
    stored = message.get("usage", {})
    assert stored == {name: value for event in counted for name, value in event.items() if name in stored}


@pytest.fixture
async def world(tmp_path: Path, names: tuple[str, ...]) -> AsyncIterator[World]:
    """One server for all streams, its models in ``penstock.toml``."""
    async with ReplayService(load(names)) as service:
        config = tmp_path / "penstock.toml"
        config.write_text(
            "".join(
                f'[[models]]\nid = "{name}"\nprovider = "{provider}"\napi_key = "{KEY}"\n'
                f'endpoint = "{service.url}{path}"\n{more}\n'
                for name, provider, path, more in (
                    ("azure-v1", "azure_openai", "", ""),
                    ("azure-classic", "azure_openai", "", 'api_version = "2024-10-21"'),
                    ("chat", "openai_chat", "/v1", ""),
                )
            )
        )
        environment = {"PENSTOCK_CONFIG": str(config)}
        async for made in _serve(tmp_path, service, environment):
            yield made


@pytest.fixture
async def azure_world(tmp_path: Path, names: tuple[str, ...]) -> AsyncIterator[World]:
    """A server that knows nothing but the three variables of Azure OpenAI."""
    async with ReplayService(load(names)) as service:
        environment = {
            "AZURE_OPENAI_ENDPOINT": service.url,
            "AZURE_OPENAI_API_KEY": KEY,
            "AZURE_OPENAI_DEPLOYMENT": "my-deployment",
        }
        async for made in _serve(tmp_path, service, environment):
            yield made


async def _serve(folder: Path, service: ReplayService, environment: dict[str, str]) -> AsyncIterator[World]:
    settings = {**environment, "PENSTOCK_DATA_DIR": str(folder / "data")}
    program = Program("serve", log=folder / "server.log", environment=settings)
    try:
        await program.start()
        async with Api(program.url) as api:
            yield World(service, api)
        assert "Traceback" not in program.log.read_text()
    finally:
        program.close()


streams = pytest.mark.parametrize(
    "names", [pytest.param(CASES, id="cases"), pytest.param(RECORDINGS, id="recorded", marks=needs_recordings)]
)


@streams
async def test_an_answer_is_what_the_bytes_say_whole_in_bytes_and_cut(
    world: World, names: tuple[str, ...], choices: random.Random, is_long: bool
) -> None:
    await world.show_all(
        [
            (replay, data, model)
            for name, data in load(names).items()
            for replay in replays(name, data, choices, is_long=is_long)
            for model in models_for(name)
        ]
    )
    targets = {head.split(" ", 2)[1] for head in world.service.requests}
    assert targets == {
        "/openai/v1/chat/completions",
        "/openai/deployments/azure-classic/chat/completions?api-version=2024-10-21",
        "/v1/chat/completions",
    }
    print(f"{world.runs} answers from {len(names)} streams")


@streams
async def test_three_variables_are_enough(
    azure_world: World, names: tuple[str, ...], choices: random.Random, is_long: bool
) -> None:
    """Each stream, those of other services too: deployments on Azure speak as their model's maker does."""
    await azure_world.show_all(
        [
            (replay, data, "my-deployment")
            for name, data in load(names).items()
            for replay in replays(name, data, choices, is_long=is_long)[: None if is_long else 7]
        ]
    )
    assert all(f"api-key: {KEY}" in head for head in azure_world.service.requests)
    print(f"{azure_world.runs} answers from {len(names)} streams")
