"""Every hop breaks all the time, and no reader ever misses, doubles or reorders a token.

The emulator numbers its tokens. A seeded proxy stands between the readers and the server, another between the server
and the model service, with several instances also before Redis and PostgreSQL; the server is killed now and then. Each
answer has two readers that come back at their offset, at least three times; what they saw, the log and the kept message
are compared byte by byte.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from support.api import Api, Transcript
from support.chaos import ChaosProxy, any_fate
from support.programs import Program, emulator, server

pytestmark = pytest.mark.faults
MODEL = "gpt-5.4-mini"
TOKENS = 60
SERVICE_UNAVAILABLE = 503
RECONNECTS = 3
SILENCE_S = 1.0
"""A reader that hears nothing for so long, not even a heartbeat, takes the connection for dead."""
SETTINGS = {
    "PENSTOCK_HEARTBEAT_S": "0.25",
    "PENSTOCK_FIRST_TOKEN_TIMEOUT_S": "3",
    "PENSTOCK_BETWEEN_TOKENS_TIMEOUT_S": "2",
}
SHARED_HOPS = (
    ("redis", "PENSTOCK_REDIS_URL", 0.8, 1_000_000),
    ("postgres", "PENSTOCK_DATABASE_URL", 0.8, 100_000),
)
"""What instances share: the fixture, the setting, how often its connections break, and within how many bytes."""
STATUS = {
    "run-finished": "finished",
    "run-failed": "failed",
    "run-stopped": "stopped",
    "run-interrupted": "interrupted",
}


@dataclass
class Campaign:
    """What happens to many answers at once."""

    api: Api
    direct: Program
    choices: random.Random
    ends: Counter[str] = field(default_factory=Counter)
    connections: int = 0

    async def answer(self, number: int) -> None:
        """Ask once, read twice, sometimes stop; then compare all that is known of the answer."""
        run_id = await self._ask(number)
        readers = [Transcript(run_id), Transcript(run_id)]
        stopping = [self._stop(run_id)] if self.choices.random() < 0.15 else []
        await asyncio.gather(*(self._read(reader) for reader in readers), *stopping)
        await self._compare(number, readers)
        self.connections += sum(reader.connections for reader in readers)

    async def _ask(self, number: int) -> str:
        """Send until it is accepted: a repeat attaches to the run that the first one began."""
        body = await self._insist(
            f"/api/conversations/x{number}/messages",
            {"text": f"count {TOKENS}", "model": MODEL, "client_message_id": f"m{number}"},
        )
        return body["run"]["id"]

    async def _stop(self, run_id: str) -> None:
        await asyncio.sleep(self.choices.uniform(0, 0.8))
        receipt = await self._insist(f"/api/runs/{run_id}/stop", {})
        assert receipt["status"] in STATUS.values()

    async def _insist(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send until there is an answer; only a server that starts, or lost its database, may say 503 meanwhile."""
        while True:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, ConnectionError):
                status, answer = await self._send(path, body)
                if status != SERVICE_UNAVAILABLE:
                    assert status in {200, 202}, answer
                    return answer
            await asyncio.sleep(0.02)

    async def _send(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        headers = {"Prefer": "respond-async"}
        async with self.api.session.post(self.api.url + path, json=body, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    async def _read(self, seen: Transcript) -> None:
        """Come back at the offset until the end was seen; who saw it early reads again from somewhere before."""
        while not seen.terminals:
            await self._connect(seen)
            assert seen.is_gapless, f"{seen.run_id}: offsets {sorted(seen.events)}"
        while seen.connections <= RECONNECTS:
            after = self.choices.randint(-1, seen.last - 1)
            again = Transcript(seen.run_id, {s: event for s, event in seen.events.items() if s <= after})
            await self._connect(again)
            seen.connections += again.connections
            for offset, event in again.events.items():
                seen.take(offset, event)

    async def _connect(self, transcript: Transcript) -> None:
        with contextlib.suppress(TimeoutError):
            await self.api.follow(transcript)
        await asyncio.sleep(0.02)

    async def _compare(self, number: int, seen: list[Transcript]) -> None:
        """The two transcripts, the log and the message say the same; what is missing at the end is said to be."""
        log, conversation = await self._record(number, seen[0].run_id)
        for transcript in seen:
            assert transcript.events == log.events
        assert log.is_gapless
        [terminal] = log.terminals
        whole = "".join(f"⟨{token}⟩" for token in range(1, TOKENS + 1))
        assert whole.startswith(log.text)
        assert (log.text == whole) or terminal["type"] != "run-finished"
        user, answer = conversation["messages"]
        assert user["parts"][0]["text"] == f"count {TOKENS}"
        assert "".join(part["text"] for part in answer.get("parts", ()) if part["type"] == "text") == log.text
        assert answer["status"] == STATUS[terminal["type"]]
        assert conversation.get("active_run") is None
        self.ends[terminal["type"]] += 1

    async def _record(self, number: int, run_id: str) -> tuple[Transcript, dict[str, Any]]:
        """Read the log and the conversation with nothing between, as soon as the server is up."""
        log = Transcript(run_id)
        async with Api(self.direct.url) as api:
            while not log.terminals:
                with contextlib.suppress(aiohttp.ClientError, ConnectionError):
                    await api.follow(log)
                await asyncio.sleep(0.02)
            return log, await self._look(api, f"/api/conversations/x{number}")

    @staticmethod
    async def _look(api: Api, path: str) -> dict[str, Any]:
        """Ask until there is an answer; 503 is none."""
        while True:
            with contextlib.suppress(aiohttp.ClientError, ConnectionError):
                async with api.session.get(api.url + path) as response:
                    status, body = response.status, await response.json(content_type=None)
                assert status in {200, SERVICE_UNAVAILABLE}, body
                if status != SERVICE_UNAVAILABLE:
                    return body
            await asyncio.sleep(0.02)


async def kill_now_and_then(programs: Sequence[Program], choices: random.Random, between_s: tuple[float, float]) -> int:
    """Kill a server and start it again, until cancelled; gives how often."""
    kills = 0
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            await asyncio.sleep(choices.uniform(*between_s))
            program = choices.choice(programs)
            program.kill()
            kills += 1
            await asyncio.shield(asyncio.ensure_future(start_again(program)))
    return kills


async def start_again(program: Program) -> None:
    """Start it on the port it had, also when another program of this machine has that port for a moment."""
    while True:
        with contextlib.suppress(AssertionError):
            await program.start()
            return
        await asyncio.sleep(0.5)


@dataclass(frozen=True)
class Size:
    """How much of it."""

    answers: int
    at_once: int
    between_kills_s: tuple[float, float]


async def run_campaign(campaign: Campaign, programs: Sequence[Program], size: Size) -> int:
    """Ask all, many at once, while servers are killed; gives the kills."""
    killing = asyncio.create_task(kill_now_and_then(programs, campaign.choices, size.between_kills_s))
    waiting = iter(range(size.answers))

    async def answer_all() -> None:
        for number in waiting:
            await campaign.answer(number)

    async with asyncio.TaskGroup() as group:
        for _ in range(size.at_once):
            group.create_task(answer_all())
    killing.cancel()
    return await killing


@pytest.mark.parametrize("instances", [1, 2], ids=["sqlite", "postgresql-and-redis"])
async def test_no_token_is_lost_doubled_or_reordered(
    request: pytest.FixtureRequest, instances: int, tmp_path: Path, choices: random.Random
) -> None:
    is_long: bool = request.getfixturevalue("is_long")
    size = (
        Size(10_000, 100, (15, 30))
        if is_long
        else Size(60 // instances**2, 60 // instances**2, (2.0 * instances, 3.0 * instances))
    )
    started = time.monotonic()
    async with contextlib.AsyncExitStack() as stack:
        service = emulator(tmp_path, "async-filter")
        stack.callback(service.close)
        await service.start(ready="/emulator/stats")
        hops = {"model": await stack.enter_async_context(chaos([service.port], choices, cut=0.2, most_bytes=40_000))}
        settings = dict(SETTINGS)
        if instances > 1:
            for name, variable, cut, most_bytes in SHARED_HOPS:
                url: str = request.getfixturevalue(f"{name}_url")
                port = urlsplit(url).port
                assert port is not None
                hops[name] = await stack.enter_async_context(chaos([port], choices, cut=cut, most_bytes=most_bytes))
                settings[variable] = hops[name].stand_before(url)
        programs: list[Program] = []
        for number in range(instances):
            place = tmp_path / str(number)
            place.mkdir()
            programs.append(server(place, service, MODEL, endpoint=hops["model"].url, **settings))
            stack.callback(programs[-1].close)
            await programs[-1].start()
        ports = [program.port for program in programs]
        hops["readers"] = await stack.enter_async_context(chaos(ports, choices, cut=0.85, most_bytes=12_000))
        api = await stack.enter_async_context(Api(hops["readers"].url, silence_s=SILENCE_S))
        campaign = Campaign(api, programs[0], choices)
        kills = await run_campaign(campaign, programs, size)
    assert sum(campaign.ends.values()) == size.answers
    print(
        f"{size.answers} answers, {instances} instances, {time.monotonic() - started:.0f} s: 0 tokens lost, doubled or "
        f"reordered; {campaign.connections} connections of {2 * size.answers} readers, {kills} kills; "
        f"ends {dict(campaign.ends)}; hops { {name: dict(hop.fates) for name, hop in hops.items()} }"
    )


def chaos(ports: Sequence[int], choices: random.Random, *, cut: float, most_bytes: int) -> ChaosProxy:
    """Give a proxy with a fate drawn for each connection."""
    return ChaosProxy(ports, lambda: any_fate(choices, cut=cut, most_bytes=most_bytes), seed=choices.randrange(2**32))
