"""The disk fills up in the middle of answers: what was acknowledged or shown stays, and the server recovers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.api import Api, Transcript
from support.programs import Program, emulator, server

pytestmark = pytest.mark.faults
MODEL = "gpt-5.4-mini"
AT_ONCE = 8
STATUS = {
    "run-finished": "finished",
    "run-failed": "failed",
    "run-stopped": "stopped",
    "run-interrupted": "interrupted",
}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 96 MB, in memory."""
    place = tmp_path / "data"
    place.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", str(place)]
    if mount is None or os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("a small file system can't be mounted here; it takes root")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


async def keep_full(disk: Path) -> None:
    """Take all that is free, to the last block, and what becomes free; until cancelled, which gives it back."""
    filler = disk / "filler"
    try:
        while True:
            await asyncio.to_thread(fill, filler)
            await asyncio.sleep(0.02)
    finally:
        filler.unlink()


def fill(filler: Path) -> None:
    """Write until there is no room."""
    with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass


async def wait_until_ready(api: Api, *, status: int) -> float:
    """Wait until ``/readyz`` answers so; gives the seconds."""
    started = time.monotonic()
    async with asyncio.timeout(30):
        while await readiness(api) != status:  # noqa: ASYNC110 - another process decides
            await asyncio.sleep(0.02)
    return time.monotonic() - started


async def readiness(api: Api) -> int:
    """Give the status of ``/readyz``."""
    async with api.session.get(api.url + "/readyz") as response:
        return response.status


async def check(api: Api, conversation_id: str, seen: Transcript) -> str:
    """Compare what was shown, the log and the message; gives how the run ended."""
    log = await api.follow(Transcript(seen.run_id))
    assert log.is_gapless
    [terminal] = log.terminals
    for offset, event in seen.events.items():
        assert log.events[offset] == event
    user, answer = (await api.get(f"/api/conversations/{conversation_id}"))["messages"]
    assert user["parts"][0]["text"] == "count 300"
    assert "".join(part["text"] for part in answer.get("parts", ()) if part["type"] == "text") == log.text
    assert answer["status"] == STATUS[terminal["type"]]
    return terminal["type"]


async def press(api: Api, cycle: int) -> list[str]:
    """Send until the disk is full for the database too, whose files have room of their own; gives the runs begun."""
    begun: list[str] = []
    while True:
        status, body = await api.send(f"p{cycle}-{len(begun)}", "long 2000 words", model="fast")
        if status == 503:
            assert body["code"] == "store_full"
            return begun
        assert status == 202
        begun.append(body["run"]["id"])
        assert len(begun) < 5000


async def fill_once(api: Api, disk: Path, cycle: int, choices: random.Random) -> tuple[float, float, set[str]]:
    """Fill the disk under live answers and free it again; gives how long the server took to say so, and the ends."""
    names = [f"f{cycle}-{number}" for number in range(AT_ONCE)]
    begun = [await api.send(name, "count 300", model=MODEL) for name in names]
    assert {status for status, _ in begun} == {202}
    transcripts = [Transcript(body["run"]["id"]) for _, body in begun]
    followers = [asyncio.create_task(api.follow(transcript)) for transcript in transcripts]
    await asyncio.sleep(choices.uniform(0.1, 0.6))
    filling = asyncio.create_task(keep_full(disk))
    pressing = await press(api, cycle)
    noticed_s = await wait_until_ready(api, status=503)
    await asyncio.sleep(choices.uniform(0, 0.5))
    filling.cancel()
    await asyncio.wait([filling])
    recovered_s = await wait_until_ready(api, status=200)
    status, body = await api.send(f"g{cycle}", "echo: again", model=MODEL)
    assert status == 202
    whole = await api.follow(Transcript(body["run"]["id"]))
    assert whole.text == "again"
    await asyncio.gather(*followers)
    for run_id in pressing:
        await api.follow(Transcript(run_id))
    ends = {await check(api, name, seen) for name, seen in zip(names, transcripts, strict=True)}
    return noticed_s, recovered_s, ends


async def test_a_full_disk_loses_nothing_and_the_server_recovers(
    tmp_path: Path, small_disk: Path, choices: random.Random, is_long: bool
) -> None:
    cycles = 5 if is_long else 1
    service = emulator(tmp_path, "async-filter")
    program: Program = server(tmp_path, service, MODEL, "fast=profile-fast")
    await service.start(ready="/emulator/stats")
    try:
        await program.start()
        async with Api(program.url) as api:
            figures = [await fill_once(api, small_disk, cycle, choices) for cycle in range(cycles)]
    finally:
        program.close()
        service.close()
    print(
        f"{cycles} times full: not ready after {max(figure[0] for figure in figures):.2f} s at most, ready again "
        f"{max(figure[1] for figure in figures):.2f} s after there was room; "
        f"ends {sorted(set().union(*(figure[2] for figure in figures)))}"
    )
