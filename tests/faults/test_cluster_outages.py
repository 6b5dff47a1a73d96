"""Redis and PostgreSQL that are killed, emptied or away in the middle of answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from support.api import Transcript
from support.cluster import Cluster, cluster
from support.postgres import PrivateServer, database, private_server
from support.redis import PrivateRedis, private_redis

pytestmark = pytest.mark.faults
AT_ONCE = 8


async def outage(server: PrivateRedis, kind: str, away_s: float) -> None:
    """Do it to Redis."""
    if kind == "flush":
        assert await asyncio.to_thread(server.ask, "FLUSHALL") == b"+OK"
        return
    await asyncio.to_thread(server.kill)
    await asyncio.sleep(away_s)
    await asyncio.to_thread(server.start)


async def readiness(members: Cluster, on: int) -> tuple[int, dict[str, str]]:
    """Ask an instance whether it is ready."""
    async with members.apis[on].session.get(members.programs[on].url + "/readyz") as response:
        return response.status, await response.json()


async def wait_for(members: Cluster, on: int, code: int, **words: str) -> float:
    """Wait until an instance says so; gives the seconds that took."""
    began = time.monotonic()
    async with asyncio.timeout(30):
        while True:
            found, body = await readiness(members, on)
            if found == code and words.items() <= body.items():
                return time.monotonic() - began
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("kind", ["flush", "restart", "away"])
async def test_a_redis_that_fails_in_the_middle_loses_nothing(
    tmp_path: Path, postgres_url: str, kind: str, is_long: bool
) -> None:
    away_s = 0.0 if kind == "restart" else (60.0 if is_long else 1.5)
    with private_redis() as server:
        async with cluster(tmp_path, postgres_url, redis_url=server.url) as members:
            seen = await members.begin(AT_ONCE, on=0, prefix="r", prompt="count 150")
            followers = [asyncio.create_task(members.apis[1].follow(one)) for one in seen]
            await asyncio.sleep(0.5)
            if kind == "away":
                await asyncio.to_thread(server.kill)
                await wait_for(members, 1, 200, bus="away")
                receipt = await members.apis[1].stop(seen[0].run_id)
                assert receipt["status"] in {"stopped", "finished"}, "the wish is found in the database"
                await asyncio.sleep(away_s)
                await asyncio.to_thread(server.start)
            else:
                await outage(server, kind, away_s)
            await asyncio.gather(*followers)
            for number, transcript in enumerate(seen):
                whole = await members.check(transcript, f"r-{number}", on=1)
                assert transcript.events == whole.events
                assert whole.terminals[0]["type"] == "run-finished" or (kind == "away" and number == 0)
            await wait_for(members, 1, 200, bus="connected")


@pytest.fixture(scope="module")
def postgres_server_of_our_own() -> Iterator[PrivateServer]:
    with private_server() as server:
        yield server


@pytest.fixture
def own_postgres(postgres_server_of_our_own: PrivateServer) -> Iterator[PrivateServer]:
    """Give a server that may be stopped; it runs again afterwards."""
    yield postgres_server_of_our_own
    postgres_server_of_our_own.start()


@pytest.fixture
def own_database(own_postgres: PrivateServer) -> Iterator[str]:
    """Give a database on it; the server goes with all of them."""
    with database(own_postgres.url, is_dropped=False) as url:
        yield url


async def follow_to_the_end(members: Cluster, transcript: Transcript) -> None:
    """Follow as a browser does: come again until there is a terminal."""
    async with asyncio.timeout(120):
        while not transcript.terminals:
            try:
                await members.apis[1].follow(transcript)
            except (aiohttp.ClientError, AssertionError):
                await asyncio.sleep(0.1)  # 503 while the database is away


@pytest.mark.parametrize("kind", ["restart", "away"])
async def test_a_database_that_fails_in_the_middle_loses_nothing(
    tmp_path: Path, own_postgres: PrivateServer, own_database: str, redis_url: str, *, kind: str, is_long: bool
) -> None:
    away_s = 0.0 if kind == "restart" else (60.0 if is_long else 4.0)
    async with cluster(tmp_path, own_database, redis_url=redis_url) as members:
        seen = await members.begin(AT_ONCE, on=0, prefix="d", prompt="count 250")
        followers = [asyncio.create_task(follow_to_the_end(members, one)) for one in seen]
        await asyncio.sleep(0.5)
        await asyncio.to_thread(own_postgres.stop)
        went = await wait_for(members, 0, 503)
        await asyncio.sleep(away_s)
        await asyncio.to_thread(own_postgres.start)
        came = max([await wait_for(members, on, 200) for on in (0, 1)])
        await asyncio.gather(*followers)
        kinds = set()
        for number, transcript in enumerate(seen):
            whole = await members.check(transcript, f"d-{number}", on=1)
            kinds.add(whole.terminals[0]["type"])
        [again] = await members.begin(1, on=1, prefix="again", prompt="say a")
        await follow_to_the_end(members, again)
        assert again.terminals[0]["type"] == "run-finished"
        if away_s < 5:
            assert kinds == {"run-finished"}, "a short outage only delays"
    print(f"not ready {went:.2f} s after the database went, ready {came:.2f} s after it came back; ends: {kinds}")
