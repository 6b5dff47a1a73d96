"""Followers and stops through an instance that does not produce: nothing is lost, and one end each."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

import pytest

from support.api import Transcript
from support.cluster import STALLING, Cluster, cluster

pytestmark = pytest.mark.faults


async def stop_one(members: Cluster, number: int, choices: random.Random) -> float | None:
    """Stop an answer through the other instance at a random moment, while its follower may reconnect.

    Gives the milliseconds that the stop took; None when the answer had finished.
    """
    conversation_id = f"s{number}"
    prompt = choices.choice(("count 300", "count 30", "say a"))
    [seen] = await members.begin(1, on=0, prefix=conversation_id, prompt=prompt)
    follower = asyncio.create_task(members.apis[1].follow(seen))
    await asyncio.sleep(choices.choice((0.0, choices.uniform(0, 0.1), choices.uniform(0, 0.7))))
    if choices.random() < 0.3:
        follower.cancel()
        await asyncio.wait((follower,))
        follower = asyncio.create_task(members.apis[1].follow(seen))
    asked = time.monotonic()
    receipt = await members.apis[1].stop(seen.run_id)
    took_ms = (time.monotonic() - asked) * 1000
    assert receipt["delivered"] is True
    assert receipt["status"] in {"stopped", "finished"}
    assert receipt["upstream_closed"] is True
    await follower
    whole = await members.check(seen, f"{conversation_id}-0", on=1)
    assert whole.terminals[0]["type"] == f"run-{receipt['status']}"
    assert seen.events == whole.events
    return took_ms if receipt["status"] == "stopped" else None


@pytest.mark.parametrize("has_redis", [True, False])
async def test_a_stop_through_another_instance_races_with_finish_and_reconnect(
    tmp_path: Path, postgres_url: str, redis_url: str, choices: random.Random, *, is_long: bool, has_redis: bool
) -> None:
    stops, at_once = (2000, 8) if is_long else (24, 4)
    gate = asyncio.Semaphore(at_once)

    async def stop_in_turn(members: Cluster, number: int) -> float | None:
        async with gate:
            return await stop_one(members, number, choices)

    async with cluster(tmp_path, postgres_url, redis_url=redis_url if has_redis else None) as members:
        took = await asyncio.gather(*(stop_in_turn(members, number) for number in range(stops)))
        waits = sorted(ms for ms in took if ms is not None)
        async with members.apis[0].session.get(members.service.url + "/emulator/stats") as response:
            assert (await response.json())["open"] == 0, "no call upstream is left open"
    print(
        f"{stops} stops elsewhere, {len(waits)} won: p50 {waits[len(waits) // 2]:.1f} ms, p99 "
        f"{waits[len(waits) * 99 // 100]:.1f} ms"
    )


async def test_a_thousand_followers_come_back_at_once(
    tmp_path: Path, postgres_url: str, redis_url: str, is_long: bool
) -> None:
    count, missed_from = 1000 if is_long else 100, 4
    async with cluster(tmp_path, postgres_url, redis_url=redis_url) as members:
        [first] = await members.begin(1, on=0, prefix="f", prompt="count 100", model=STALLING)
        await members.wait_for_length(first.run_id, missed_from + 2)
        returns = [Return(first.run_id, number % missed_from) for number in range(count)]
        following = [asyncio.create_task(one.follow(members)) for one in returns]
        await asyncio.gather(*(one.first.wait() for one in returns))
        await members.apis[1].stop(first.run_id)
        await asyncio.gather(*following)
        whole = await members.log_of(first.run_id, on=0)
        for one in returns:
            assert one.events == {seq: event for seq, event in whole.events.items() if seq > one.after}
    waits = sorted(one.waited_ms for one in returns)
    print(
        f"{count} followers at once: first missed event p50 {waits[count // 2]:.0f} ms, "
        f"p99 {waits[count * 99 // 100]:.0f} ms"
    )


class Return(Transcript):
    """A follower that comes back behind an offset, and notes how long what it missed took to come."""

    def __init__(self, run_id: str, after: int) -> None:
        super().__init__(run_id)
        self.after = after
        self.first = asyncio.Event()
        self.began = 0.0
        self.waited_ms = 0.0

    async def follow(self, members: Cluster) -> None:
        self.began = time.monotonic()
        await members.apis[1].follow(self, after=self.after)

    def take(self, seq: int, event: dict[str, object]) -> None:
        if not self.first.is_set():
            self.waited_ms = (time.monotonic() - self.began) * 1000
            self.first.set()
        super().take(seq, event)
