"""``kill -9`` in the middle of answers: what was acknowledged and what was shown is still there afterwards."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from contextlib import closing
from itertools import chain
from pathlib import Path

import pytest

from support.api import Api, Transcript
from support.programs import Program, emulator, server

pytestmark = pytest.mark.faults
MODEL = "gpt-5.4-mini"
AT_ONCE = 10
LANES = 4
"""So many servers are killed beside each other in the long form."""


async def answers_until_killed(program: Program, choices: random.Random, cycle: int) -> list[Transcript]:
    """Start ten answers with a follower each, kill the server somewhere in the middle."""
    async with Api(program.url) as api:
        begun = await asyncio.gather(*(api.send(f"c{cycle}-{n}", "count 2000", model=MODEL) for n in range(AT_ONCE)))
        transcripts = [Transcript(body["run"]["id"]) for status, body in begun if status == 202]
        assert len(transcripts) == AT_ONCE
        followers = [asyncio.create_task(api.follow(transcript)) for transcript in transcripts]
        await asyncio.sleep(choices.uniform(0.05, 1.2))
        program.kill()
        await asyncio.gather(*followers)
    return transcripts


async def check(program: Program, transcripts: list[Transcript], cycle: int) -> None:
    """Everything that anybody saw is there, and every run has one end."""
    async with Api(program.url) as api:
        for number, seen in enumerate(transcripts):
            conversation = await api.get(f"/api/conversations/c{cycle}-{number}")
            user, answer = conversation["messages"]
            assert user["parts"][0]["text"] == "count 2000"
            kept = "".join(part["text"] for part in answer.get("parts", ()) if part["type"] == "text")
            assert kept.startswith(seen.text)
            assert conversation.get("active_run") is None
            whole = await api.follow(Transcript(seen.run_id))
            assert whole.is_gapless
            assert len(whole.terminals) == 1
            assert whole.text == kept
            for offset, event in seen.events.items():
                assert whole.events[offset] == event


async def kill_again_and_again(folder: Path, service: Program, choices: random.Random, cycles: int) -> list[float]:
    """Kill one server so many times; gives the seconds that each start with its recovery took."""
    program = server(folder, service, MODEL)
    recoveries: list[float] = []
    try:
        await program.start()
        for cycle in range(cycles):
            transcripts = await answers_until_killed(program, choices, cycle)
            recoveries.append(await program.start())
            await check(program, transcripts, cycle)
            with closing(sqlite3.connect(next((folder / "data").glob("*.db")))) as database:
                assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        program.close()
    return recoveries


async def test_nothing_that_was_shown_or_acknowledged_is_lost(
    tmp_path: Path, choices: random.Random, is_long: bool
) -> None:
    lanes, cycles = (LANES, 1000 // LANES) if is_long else (1, 2)
    folders = [tmp_path / str(lane) for lane in range(lanes)]
    service = emulator(tmp_path, "async-filter")
    await service.start(ready="/emulator/stats")
    try:
        async with asyncio.TaskGroup() as group:
            tasks: list[asyncio.Task[list[float]]] = []
            for folder in folders:
                folder.mkdir()
                own = random.Random(choices.random())
                tasks.append(group.create_task(kill_again_and_again(folder, service, own, cycles)))
    finally:
        service.close()
    recoveries = sorted(chain.from_iterable(task.result() for task in tasks))
    print(
        f"{len(recoveries)} kills, {len(recoveries) * AT_ONCE} answers cut, 0 lost; start with recovery "
        f"p50 {recoveries[len(recoveries) // 2]:.2f} s, slowest {recoveries[-1]:.2f} s"
    )
