"""Instances that die or are paused in the middle of answers, while others go on."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from itertools import chain
from pathlib import Path

import pytest

from support.api import Transcript
from support.cluster import Cluster, cluster

pytestmark = pytest.mark.faults
AT_ONCE = 10
LANES = 4
"""So many pairs of instances, all on one database, in the long form."""


async def kill_one(members: Cluster, choices: random.Random, lane: int, cycle: int) -> float:
    """Kill the producer of ten answers that are followed on the other instance; gives the seconds until all ended."""
    victim, other = (2 * lane + cycle % 2, 2 * lane + 1 - cycle % 2)
    prefix = f"k{lane}-{cycle}"
    seen = await members.begin(AT_ONCE, on=victim, prefix=prefix)
    followers = [asyncio.create_task(members.apis[other].follow(transcript)) for transcript in seen]
    await asyncio.sleep(choices.uniform(0.05, 1.0))
    members.programs[victim].kill()
    killed = time.monotonic()
    await asyncio.gather(*followers)
    ended_s = time.monotonic() - killed
    for number, transcript in enumerate(seen):
        whole = await members.check(transcript, f"{prefix}-{number}", on=other)
        assert whole.terminals[0]["type"] in {"run-interrupted", "run-finished"}
        assert transcript.terminals == whole.terminals, "the follower elsewhere saw the end without coming again"
    await members.programs[victim].start()
    return ended_s


async def test_another_instance_ends_what_a_killed_one_produced(
    tmp_path: Path, postgres_url: str, redis_url: str, choices: random.Random, *, is_long: bool
) -> None:
    lanes, cycles = (LANES, 1000 // LANES) if is_long else (1, 2)

    async def kill_in_turn(lane: int) -> list[float]:
        own = random.Random(choices.random())
        return [await kill_one(members, own, lane, cycle) for cycle in range(cycles)]

    async with cluster(tmp_path, postgres_url, redis_url=redis_url, size=2 * lanes) as members:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(kill_in_turn(lane)) for lane in range(lanes)]
        live = await members.rows("SELECT id FROM runs WHERE ended_at IS NULL")
        assert live == []
    ends = sorted(chain.from_iterable(task.result() for task in tasks))
    print(
        f"{len(ends)} kills of {2 * lanes} instances, {len(ends) * AT_ONCE} answers, 0 events lost: the last of ten "
        f"ended after p50 {ends[len(ends) // 2]:.2f} s, at most {ends[-1]:.2f} s"
    )


async def test_a_paused_producer_that_wakes_writes_nothing(tmp_path: Path, postgres_url: str, is_long: bool) -> None:
    """Without Redis: what is fenced off is fenced off by the database alone."""
    cycles = 10 if is_long else 1
    async with cluster(tmp_path, postgres_url) as members:
        for cycle in range(cycles):
            seen = await members.begin(AT_ONCE, on=0, prefix=f"p{cycle}")
            local = [asyncio.create_task(members.apis[0].follow(Transcript(one.run_id))) for one in seen]
            remote = [asyncio.create_task(members.apis[1].follow(one)) for one in seen]
            await asyncio.sleep(0.3)
            members.programs[0].signal(signal.SIGSTOP)
            await asyncio.gather(*remote)
            kept = await members.rows("SELECT * FROM run_batches ORDER BY run_id, first_seq")
            members.programs[0].signal(signal.SIGCONT)
            for number, (transcript, follower) in enumerate(zip(seen, local, strict=True)):
                whole = await members.check(transcript, f"p{cycle}-{number}", on=1)
                assert whole.terminals[0]["type"] == "run-interrupted"
                # Who followed the paused instance gets the same end from it, and nothing that was not kept.
                assert (await follower).events == whole.events
                assert (await members.log_of(transcript.run_id, on=0)).events == whole.events
            assert await members.rows("SELECT * FROM run_batches ORDER BY run_id, first_seq") == kept
        await members.rows("SELECT 1")
        [row] = await members.rows("SELECT count(*) FROM runs WHERE status = 'interrupted' AND epoch = 2")
        assert row[0] == cycles * AT_ONCE
