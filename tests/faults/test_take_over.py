"""An answer that the service makes in the background survives the server that asked for it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from support.api import Api, Transcript
from support.programs import Program, emulator, server
from support.running import until

pytestmark = pytest.mark.faults

COUNTED = "".join(f"⟨{number}⟩" for number in range(1, 201))


async def follow_through_a_kill(program: Program) -> Transcript:
    """Follow an answer, kill the server in its middle, start it again, and follow on to the end."""
    async with Api(program.url) as api:
        _, accepted = await api.send("c1", "count 200", model="counts")
        transcript = Transcript(accepted["run"]["id"])
        following = asyncio.create_task(api.follow(transcript))
        await until(lambda: len(transcript.text) > 100, timeout_s=30)
        program.kill()
        await following
        assert transcript.terminals == []
        await program.start()
        async with asyncio.timeout(60):
            while not transcript.terminals:
                await api.follow(transcript)
    return transcript


async def test_a_killed_server_goes_on_with_the_answer_when_it_is_back(tmp_path: Path):
    service = emulator(tmp_path, "fast")
    program = server(tmp_path, service, "counts=profile-fast;token_ms=15")
    config = tmp_path / "penstock.toml"
    config.write_text(config.read_text() + 'api = "responses"\nbackground = true\n')
    try:
        await service.start(ready="/emulator/stats")
        await program.start()
        transcript = await follow_through_a_kill(program)
    finally:
        program.close()
        service.close()
    assert transcript.is_gapless
    assert transcript.text == COUNTED
    assert [event["type"] for event in transcript.terminals] == ["run-finished"]
