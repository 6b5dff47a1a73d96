"""Many runs, one process: what a run took is given back when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from support.api import Api, Transcript
from support.programs import Program, emulator, server

pytestmark = pytest.mark.faults
FAST, SLOW = "fast", "slow"
MODELS = (f"{FAST}=profile-fast", f"{SLOW}=profile-fast;token_ms=5", "fault-429", "cut=fault-cut-fin;at=3000")
AT_ONCE = 32
MEBIBYTE = 1024 * 1024


@dataclass
class Usage:
    """What a process holds."""

    memory_bytes: int
    descriptors: int
    threads: int


def usage_of(pid: int) -> Usage:
    """Read it from the kernel."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return Usage(
        memory_bytes=int(status["VmRSS"].split()[0]) * 1024,
        descriptors=len(list(Path(f"/proc/{pid}/fd").iterdir())),
        threads=int(status["Threads"]),
    )


@dataclass
class Soak:
    """People of every kind, again and again."""

    api: Api
    program: Program
    choices: random.Random
    runs: int = 0
    samples: list[tuple[int, int]] = field(default_factory=list)
    """Runs so far, and the memory then."""

    async def work(self, until: int) -> None:
        """Be one person after another."""
        kinds = (self.read_whole, self.keep, self.leave, self.stop)
        while self.runs < until:
            self.runs += 1
            await self.choices.choices(kinds, (4, 4, 1, 1))[0](self.runs)

    async def read_whole(self, number: int) -> None:
        """Ask without a conversation, of services that also fail."""
        model = self.choices.choice((FAST, FAST, FAST, "fault-429", "cut"))
        body = {"model": model, "messages": [{"role": "user", "content": f"echo: {number}"}]}
        async with self.api.session.post(self.api.url + "/api/chat?wire=sse", json=body) as response:
            text = await response.text()
        assert model != FAST or str(number) in text

    async def keep(self, number: int) -> None:
        """Go on with a conversation."""
        _, body = await self.api.send(f"k{number % 500}", f"echo: {number}", model=FAST)
        whole = await self.api.follow(Transcript(body["run"]["id"]))
        assert whole.text == str(number)

    async def leave(self, number: int) -> None:
        """Close the connection in the middle."""
        body = {"model": SLOW, "messages": [{"role": "user", "content": f"count {number % 100 + 10}"}]}
        with contextlib.suppress(aiohttp.ClientError):
            async with self.api.session.post(self.api.url + "/api/chat?wire=events", json=body) as response:
                await response.content.readany()

    async def stop(self, number: int) -> None:
        """Stop an answer."""
        _, body = await self.api.send(f"s{number % 500}", "count 1000", model=SLOW)
        while (receipt := await self.api.stop(body["run"]["id"]))["status"] == "running":
            pass  # its end was not durable in time: ask again
        assert receipt["status"] in {"stopped", "finished"}

    async def watch(self) -> None:
        """Note the memory, until cancelled."""
        while True:
            self.samples.append((self.runs, usage_of(self.program.pid).memory_bytes))
            await asyncio.sleep(0.5)

    def slope(self) -> float:
        """Give the bytes per run by which memory grows, after the first third: least squares."""
        late = [(run, size) for run, size in self.samples if run > self.runs / 3]
        middle = sum(run for run, _ in late) / len(late)
        spread = sum((run - middle) ** 2 for run, _ in late)
        return sum((run - middle) * size for run, size in late) / spread


async def test_what_a_run_took_is_given_back(tmp_path: Path, choices: random.Random, is_long: bool) -> None:
    runs = 100_000 if is_long else 1500
    service = emulator(tmp_path, "fast")
    program = server(tmp_path, service, *MODELS)
    await service.start(ready="/emulator/stats")
    started = time.monotonic()
    try:
        await program.start()
        async with Api(program.url) as api:
            soak = Soak(api, program, choices)
            await soak.work(50)
            await until_idle(api)
            before = usage_of(program.pid)
            watching = asyncio.create_task(soak.watch())
            await asyncio.gather(*(soak.work(runs) for _ in range(AT_ONCE)))
            watching.cancel()
            await until_idle(api)
            calls = await (await api.session.get(service.url + "/emulator/stats")).json()
        after = usage_of(program.pid)
    finally:
        program.close()
        service.close()
    assert calls["open"] == 0
    assert after.threads <= before.threads + 8, "helper threads of the loop are bounded"
    assert after.descriptors <= before.descriptors + 4 * AT_ONCE, "idle connections are kept for a while, a few each"
    assert after.memory_bytes - before.memory_bytes < 96 * MEBIBYTE
    print(
        f"{runs} runs in {time.monotonic() - started:.0f} s: memory {before.memory_bytes / MEBIBYTE:.0f} to "
        f"{after.memory_bytes / MEBIBYTE:.0f} MiB, {soak.slope():.0f} bytes a run after the first third; descriptors "
        f"{before.descriptors} to {after.descriptors}, threads {before.threads} to {after.threads}"
    )


async def until_idle(api: Api) -> None:
    """Wait until no run is live and no stream is open."""
    async with asyncio.timeout(60):
        while await busy(api):  # noqa: ASYNC110 - another process decides
            await asyncio.sleep(0.1)


async def busy(api: Api) -> int:
    """Give how much goes on."""
    async with api.session.get(api.url + "/metrics") as response:
        figures = dict(line.split() for line in (await response.text()).splitlines() if not line.startswith("#"))
    return int(figures["penstock_live_runs"]) + int(figures["penstock_open_streams"])
