"""Stop at random moments, also while the service is silent: the call upstream closes and the text stays as it was."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

import pytest

from support.api import Api, Transcript
from support.programs import emulator, server

pytestmark = pytest.mark.faults
MODELS = ("gpt-5.4-mini", "fault-stall-headers", "fault-stall-first", "fault-stall-middle")


async def stop_one(api: Api, service: str, number: int, choices: random.Random) -> float:
    """Start an answer, stop it at a random moment; gives the milliseconds until the service saw its socket closed."""
    model = MODELS[number % len(MODELS)]
    _, body = await api.send(f"s{number}", "count 5000", model=model)
    transcript = Transcript(body["run"]["id"])
    follower = asyncio.create_task(api.follow(transcript))
    await asyncio.sleep(choices.choice((0.0, choices.uniform(0, 0.05), choices.uniform(0, 0.8))))
    known = await closings(api, service)
    asked_ns = time.monotonic_ns()
    receipt = await api.stop(transcript.run_id)
    assert receipt["status"] == "stopped"
    assert receipt["upstream_closed"] is True
    await follower
    assert [event["type"] for event in transcript.terminals] == ["run-stopped"]
    text = transcript.text
    conversation = await api.get(f"/api/conversations/s{number}")
    kept = [message for message in conversation["messages"] if message["role"] == "assistant"]
    assert "".join(part["text"] for part in kept[0].get("parts", ()) if part["type"] == "text") == text
    closed = [one for one in await closings(api, service) if one["id"] not in {old["id"] for old in known}]
    # Nothing new to close: the stop came before the call upstream was opened.
    return max(((one["closed_ns"] - asked_ns) / 1e6 for one in closed), default=0.0)


async def closings(api: Api, service: str) -> list[dict[str, int]]:
    """Give what the emulator knows of closed sockets."""
    async with api.session.get(service + "/emulator/stats") as response:
        return (await response.json())["closings"]


async def test_stop_closes_the_call_upstream_and_the_text_never_grows(
    tmp_path: Path, choices: random.Random, is_long: bool
) -> None:
    stops = 200 if is_long else 24
    service = emulator(tmp_path, "async-filter")
    program = server(tmp_path, service, *MODELS)
    await service.start(ready="/emulator/stats")
    try:
        await program.start()
        async with Api(program.url) as api:
            waits = sorted([await stop_one(api, service.url, number, choices) for number in range(stops)])
            stats = await api.session.get(service.url + "/emulator/stats")
            assert (await stats.json())["open"] == 0, "no call upstream is left open"
    finally:
        program.close()
        service.close()
    print(f"{stops} stops: upstream closed after p50 {waits[stops // 2]:.1f} ms, p99 {waits[stops * 99 // 100]:.1f} ms")
