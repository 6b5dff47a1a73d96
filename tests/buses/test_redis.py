"""What Redis may do to the bus: be away, be killed, forget everything, grow full."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from redis.asyncio import Redis

from penstock.buses.peers import PeerBus
from penstock.buses.redis import ALL, EXPIRE_S, RedisStreams, RedisUrlError
from penstock.core.log import Batch
from support.offers import OWNER, make_offer
from support.redis import PrivateRedis, private_redis
from support.running import until
from support.store_samples import make_delta


@pytest.fixture
def server() -> Iterator[PrivateRedis]:
    with private_redis() as server:
        yield server


class Run:
    """A run that is produced on one bus and watched on another."""

    def __init__(self, here: PeerBus, there: PeerBus) -> None:
        self.hear = None
        self.heard: list[Batch | None] = []
        self.stops = 0
        here.offer("run-1", make_offer(self.stop, self.forward))
        there.watch("run-1", self.heard.append)

    def stop(self) -> None:
        self.stops += 1

    def forward(self, hear: object) -> None:
        self.hear = hear

    async def relays(self, seq: int) -> None:
        """Wait until a batch goes through."""
        async with asyncio.timeout(20):
            while make_delta(seq) not in self.heard:
                if self.hear is not None:
                    self.hear(make_delta(seq))
                await asyncio.sleep(0.02)


@pytest.mark.parametrize("fault", ["kill", "flush"])
async def test_the_bus_comes_back_by_itself(server: PrivateRedis, fault: str):
    here, there = [await PeerBus.open(RedisStreams(server.url)) for _ in range(2)]
    run = Run(here, there)
    await run.relays(1)
    if fault == "kill":
        server.kill()
        await until(lambda: not here.is_connected and not there.is_connected)
        assert await there.send_stop("run-1", owner=OWNER) == "unheard", "nobody received it, and nobody says so"
        server.start()
    else:
        assert server.ask("FLUSHALL") == b"+OK"
    await run.relays(2)
    assert await there.send_stop("run-1", owner=OWNER) == "heard"
    assert run.stops >= 1
    assert here.is_connected
    await here.close()
    await there.close()


async def test_a_redis_that_is_not_there_yet_keeps_nobody_waiting(server: PrivateRedis):
    server.kill()
    here, there = [await PeerBus.open(RedisStreams(server.url)) for _ in range(2)]
    assert not here.is_connected
    run = Run(here, there)
    server.start()
    await run.relays(1)
    await here.close()
    await there.close()


async def test_every_key_is_bounded_and_expires(server: PrivateRedis):
    here, there = [await PeerBus.open(RedisStreams(server.url)) for _ in range(2)]
    run = Run(here, there)
    await run.relays(1)
    for seq in range(2, 9_000):
        run.hear(make_delta(seq))
        if seq % 3 == 0:
            await asyncio.sleep(0)
    await run.relays(9_000)
    client = Redis.from_url(server.url)
    keys = await client.keys("*")
    assert ALL.encode() in keys
    assert len(keys) <= 3
    for key in keys:
        assert 0 < await client.ttl(key) <= EXPIRE_S
        assert await client.xlen(key) < 5_000
    await client.aclose()
    await here.close()
    await there.close()


@pytest.mark.parametrize("url", ["http://x", "redis://:hunter2@host:port/0", "nonsense"])
def test_what_is_no_url_is_refused_without_showing_it(url: str):
    with pytest.raises(RedisUrlError) as refused:
        RedisStreams(url)
    assert "hunter2" not in refused.value.message


async def test_no_secret_is_shown():
    assert "hunter2" not in repr(RedisStreams("redis://:hunter2@127.0.0.1:1/0"))


async def test_strange_messages_are_passed_over(server: PrivateRedis, caplog: pytest.LogCaptureFixture):
    here, there = [await PeerBus.open(RedisStreams(server.url)) for _ in range(2)]
    client = Redis.from_url(server.url)
    await client.xadd(ALL, {"0": b"not json"})
    await client.xadd(ALL, {"0": b'{"type":"unheard-of"}'})
    run = Run(here, there)
    await run.relays(1)
    assert len([record for record in caplog.records if "could not be read" in record.message]) >= 2
    await client.aclose()
    await here.close()
    await there.close()


async def test_who_leaves_while_others_talk_is_gone_at_once(server: PrivateRedis):
    """Again and again: redis-py swallows a cancellation now and then."""
    talker = await PeerBus.open(RedisStreams(server.url))
    async with asyncio.timeout(30):
        for number in range(40):
            leaver = await PeerBus.open(RedisStreams(server.url))
            talker.watch(f"run-{number}", lambda _: None)
            await asyncio.sleep(0.0005 * (number % 8))
            await leaver.close()
    await talker.close()
