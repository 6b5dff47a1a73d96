"""The server process ends in time, with streams open."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.api import Api, Transcript
from support.programs import Program, emulator
from support.programs import server as make_server


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Program]:
    """Run the emulator as a process."""
    program = emulator(tmp_path, "fast")
    await program.start(ready="/emulator/stats")
    yield program
    await asyncio.to_thread(program.close)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_server_within_5_s_and_every_reader_gets_the_terminal(
    tmp_path: Path, service: Program, number: signal.Signals
):
    program = make_server(tmp_path, service, "fault-stall-first", PENSTOCK_DRAIN_GRACE_S="0.3")
    await program.start()
    async with Api(program.url) as api:
        _, accepted = await api.send("c1", "hello", model="fault-stall-first")
        transcripts = [Transcript(accepted["run"]["id"]) for _ in range(5)]
        following = [asyncio.create_task(api.follow(transcript)) for transcript in transcripts]
        async with asyncio.timeout(10):
            while not all(transcript.events for transcript in transcripts):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.02)
        begun = time.monotonic()
        program.signal(number)
        code = await asyncio.to_thread(program.wait, 10)
        took_s = time.monotonic() - begun
        await asyncio.gather(*following)
    assert code == 0, program.log.read_text()
    assert took_s < 5
    assert all(transcript.terminals[0]["by"] == "shutdown" for transcript in transcripts)
    assert "Traceback" not in program.log.read_text()


async def test_a_second_signal_ends_it_at_once_and_nothing_is_lost(tmp_path: Path, service: Program):
    program = make_server(tmp_path, service, "fault-stall-first")
    await program.start()
    async with Api(program.url) as api:
        _, accepted = await api.send("c1", "hello", model="fault-stall-first")
        program.signal(signal.SIGINT)
        await asyncio.sleep(0.3)  # the first is being obeyed: a run that says nothing keeps the drain waiting
        program.signal(signal.SIGINT)
        assert await asyncio.to_thread(program.wait, 2) == 128 + signal.SIGINT
        await program.start()
        run = await api.get(f"/api/runs/{accepted['run']['id']}")
    assert run["status"] == "interrupted"
    await asyncio.to_thread(program.close)
