"""What PostgreSQL may do to the bus: break its connections, and be away."""

from __future__ import annotations

import asyncio

import asyncpg

from penstock.buses.peers import PeerBus
from penstock.buses.postgres import PostgresNotify
from penstock.core.log import Batch
from support.offers import OWNER, make_offer
from support.postgres import execute
from support.running import until
from support.store_samples import make_delta

CUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def test_broken_connections_are_made_anew_and_what_is_watched_is_said_again(postgres_url: str):
    here, there = [await PeerBus.open(PostgresNotify(lambda: asyncpg.connect(postgres_url))) for _ in range(2)]
    heard: list[Batch | None] = []
    forwards: list[object] = []
    here.offer("run-1", make_offer(forward=forwards.append))
    there.watch("run-1", heard.append)
    await until(lambda: bool(forwards))
    for seq in range(1, 4):
        await execute(postgres_url, CUT)
        async with asyncio.timeout(20):
            while make_delta(seq) not in heard:
                forwards[-1](make_delta(seq))
                await asyncio.sleep(0.02)
    assert await there.send_stop("run-1", owner=OWNER) == "heard"
    await here.close()
    await there.close()


async def test_a_database_that_is_away_keeps_nobody_waiting():
    bus = await PeerBus.open(PostgresNotify(lambda: asyncpg.connect("postgresql://127.0.0.1:1/x", timeout=1)))
    assert not bus.is_connected
    assert await bus.send_stop("run-1", owner=OWNER) == "unheard"
    await bus.close()
