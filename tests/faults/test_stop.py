"""Stop at random moments, also while the service is silent: the call upstream closes and the text stays as it was."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from support.api import Api, Transcript
from support.programs import emulator, server

pytestmark = pytest.mark.faults
QUICK = "profile-async-filter;token_ms=4;first_ms=20"
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


async def race_one(api: Api, number: int, choices: random.Random) -> str:
    """Stop an answer about when it ends, while its follower comes and goes; gives how it ended."""
    tokens = choices.choice((1, 5, 20, 60))
    _, body = await api.send(f"r{number}", f"count {tokens}", model="quick")
    seen = Transcript(body["run"]["id"])
    follower = asyncio.create_task(api.follow(seen))
    await asyncio.sleep(choices.uniform(0, 3) * (0.03 + 0.004 * tokens))
    if choices.random() < 0.5 and not seen.terminals:
        follower.cancel()
        await asyncio.wait((follower,))
        follower = asyncio.create_task(api.follow(seen))
    first, second = await asyncio.gather(api.stop(seen.run_id), api.stop(seen.run_id))
    await follower
    log = await api.follow(Transcript(seen.run_id))
    [terminal] = log.terminals
    assert log.is_gapless
    assert seen.events == log.events
    assert terminal["type"] in {"run-stopped", "run-finished"}
    assert {f"run-{first['status']}", f"run-{second['status']}"} == {terminal["type"]}
    conversation = await api.get(f"/api/conversations/r{number}")
    answer = conversation["messages"][-1]
    assert "".join(part["text"] for part in answer.get("parts", ()) if part["type"] == "text") == log.text
    assert conversation.get("active_run") is None
    assert log.text == "".join(f"⟨{n}⟩" for n in range(1, tokens + 1))[: len(log.text)]
    return terminal["type"]


async def test_a_stop_races_with_the_finish_and_with_a_reconnect(
    tmp_path: Path, choices: random.Random, is_long: bool
) -> None:
    races, at_once = (10_000, 24) if is_long else (60, 12)
    numbers = iter(range(races))
    service = emulator(tmp_path, "async-filter")
    program = server(tmp_path, service, f"quick={QUICK}")
    ends: Counter[str] = Counter()

    async def race_in_turn(api: Api) -> None:
        for number in numbers:
            ends[await race_one(api, number, choices)] += 1

    await service.start(ready="/emulator/stats")
    try:
        await program.start()
        async with Api(program.url) as api, asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(race_in_turn(api))
    finally:
        program.close()
        service.close()
    assert ends.total() == races
    assert len(ends) == 2, f"both sides must win sometimes: {ends}"
    print(f"{races} races of stop against finish and reconnect: one terminal each; {dict(ends)}")
