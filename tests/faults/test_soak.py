"""Many runs, one process: what a run took is given back when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from support.api import Api, Transcript
from support.holdings import Holdings, holdings_of, resident_bytes
from support.postgres import fetch
from support.programs import Program, emulator, server
from support.redis import PrivateRedis, private_redis

pytestmark = pytest.mark.faults
FAST, SLOW = "fast", "slow"
MODELS = (f"{FAST}=profile-fast", f"{SLOW}=profile-fast;token_ms=5", "fault-429", "cut=fault-cut-fin;at=3000")
AT_ONCE = 32
WARM_UP = 300
MEBIBYTE = 1024 * 1024
DEADLINE_S = 60.0
MOST_BYTES_PER_RUN = 256
LOOKS = 5
"""So many looks in a row that find the same show that nothing changes any more."""
RETENTION_S = 15 * 60
"""How long the log of an ended run can be followed."""
SWEEP_S = 60
"""How often logs are swept."""

UNENDED = (
    "SELECT (SELECT count(*) FROM runs WHERE ended_at IS NULL)"
    " + (SELECT count(*) FROM {logs} WHERE closed_at IS NULL) AS number"
)
OLDEST_LOG = "SELECT min(closed_at) AS number FROM {logs} WHERE NOT is_swept"
LOGLESS = "SELECT count(*) AS number FROM run_batches JOIN run_logs USING (run_id) WHERE is_swept"


@dataclass
class Soak:
    """People of every kind, again and again."""

    api: Api
    program: Program
    choices: random.Random
    runs: int = 0
    samples: list[tuple[int, int]] = field(default_factory=list)
    """Runs so far, and the memory then."""

    async def go_on(self, until: int) -> None:
        """Let many people work until there were so many runs."""
        await asyncio.gather(*(self._work(until) for _ in range(AT_ONCE)))

    async def _work(self, until: int) -> None:
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
        """Go on with a conversation, of which each has a few exchanges."""
        _, body = await self.api.send(f"k{number % 500}-{number // 5000}", f"echo: {number}", model=FAST)
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
        _, body = await self.api.send(f"s{number % 500}-{number // 5000}", "count 1000", model=SLOW)
        while (receipt := await self.api.stop(body["run"]["id"]))["status"] == "running":
            pass  # its end was not durable in time: ask again
        assert receipt["status"] in {"stopped", "finished"}

    @contextlib.contextmanager
    def watched(self) -> Generator[None]:
        """Note the memory meanwhile."""
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()

    async def _watch(self) -> None:
        while True:
            self.samples.append((self.runs, resident_bytes(self.program.pid)))
            await asyncio.sleep(0.5)

    def slope(self) -> float:
        """Give the bytes per run by which memory grows, after the first third: least squares."""
        late = [(run, size) for run, size in self.samples if run > self.runs / 3]
        middle = sum(run for run, _ in late) / len(late)
        spread = sum((run - middle) ** 2 for run, _ in late)
        return sum((run - middle) * size for run, size in late) / spread


@dataclass
class Records:
    """The database, and Redis, seen past the server."""

    database: Path | str
    """A file of SQLite's, or a URL of PostgreSQL's."""
    redis: PrivateRedis | None = None

    async def ask(self, statement: str) -> Any:
        """Give the number that a query gives."""
        if isinstance(self.database, str):
            return (await fetch(self.database, statement.format(logs="run_logs")))[0]["number"]
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(statement.format(logs="logs")).fetchone()[0]

    async def check(self) -> None:
        """Every run and every log is ended, and what is old was swept."""
        assert await self.ask(UNENDED) == 0
        assert await self.ask(OLDEST_LOG) > time.time() - RETENTION_S - 3 * SWEEP_S
        if isinstance(self.database, str):
            assert await self.ask(LOGLESS) == 0

    def count_keys(self) -> int:
        """Give how many keys Redis has."""
        return int(self.redis.ask("DBSIZE").removeprefix(b":")) if self.redis is not None else 0


@pytest.mark.parametrize("is_shared", [False, True], ids=["sqlite", "postgresql-and-redis"])
async def test_what_a_run_took_is_given_back(
    tmp_path: Path, request: pytest.FixtureRequest, choices: random.Random, *, is_long: bool, is_shared: bool
) -> None:
    runs = 100_000 if is_long else 500 if is_shared else 1500
    with contextlib.ExitStack() as stack:
        records, settings = Records(tmp_path / "data" / "penstock.db"), {}
        if is_shared:
            records = Records(request.getfixturevalue("postgres_url"), stack.enter_context(private_redis()))
            assert records.redis is not None
            settings = {"PENSTOCK_DATABASE_URL": str(records.database), "PENSTOCK_REDIS_URL": records.redis.url}
        service = emulator(tmp_path, "fast")
        program = server(tmp_path, service, *MODELS, **settings)
        stack.callback(service.close)
        stack.callback(program.close)
        await service.start(ready="/emulator/stats")
        await program.start()
        idle = await holdings_of(program, service)
        async with Api(program.url) as api:
            await Soak(api, program, choices).go_on(WARM_UP)
        before = await at_rest(program, service, tasks=idle.tasks)
        keys = records.count_keys()
        await service.start(ready="/emulator/stats")
        started = time.monotonic()
        async with Api(program.url) as api:
            soak = Soak(api, program, choices, runs=WARM_UP)
            with soak.watched():
                await soak.go_on(WARM_UP + runs)
        took_s = time.monotonic() - started
        after = await at_rest(program, service, tasks=idle.tasks, like=before)
        await records.check()
        assert records.count_keys() == keys
    print(
        f"{runs} runs in {took_s:.0f} s: {before} to {after}; {keys} keys in Redis; memory grows by "
        f"{soak.slope() * 1000 / 1024:.0f} kB per 1,000 runs after the first third"
    )
    assert after == before
    assert after.memory_bytes - before.memory_bytes < 96 * MEBIBYTE
    assert not is_long or soak.slope() < MOST_BYTES_PER_RUN


async def at_rest(program: Program, service: Program, *, tasks: int, like: Holdings | None = None) -> Holdings:
    """Give what the server holds once it has as few tasks as when it began, and no connection is open.

    Its idle connections to the service are closed by ending the service. What it lets go of a moment after its use is
    waited for: until it holds what it held before, or as much as at the last looks.
    """
    looks: list[Holdings] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DEADLINE_S):
            while not looks or looks[-1].tasks > tasks:
                looks.append(await look(program, service))
            assert (await stats_of(service))["open"] == 0
            service.close()
            while not is_calm(looks, like):
                looks.append(await look(program, service))
    return looks[-1]


async def look(program: Program, service: Program) -> Holdings:
    """Look again, a moment later."""
    await asyncio.sleep(0.2)
    return await holdings_of(program, service)


async def stats_of(service: Program) -> dict[str, Any]:
    """Give what the emulator counts."""
    async with aiohttp.ClientSession() as session, session.get(service.url + "/emulator/stats") as response:
        return await response.json()


def is_calm(looks: list[Holdings], like: Holdings | None) -> bool:
    """Whether the last look found what it should, or what the looks before it found."""
    if like is not None:
        return looks[-1] == like
    is_alone = looks[-1].clients == looks[-1].services == 0
    return is_alone and looks[-LOOKS:] == [looks[-1]] * LOOKS
