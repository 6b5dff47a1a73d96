"""Appending while the database is away, and what an unanswered commit becomes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from penstock.core.errors import StoreError
from penstock.stores.postgres import PostgresStore
from penstock.stores.postgres_appender import Appender
from penstock.stores.postgres_server import PostgresServer
from support.store_samples import TickingClock, append, make_beginning, make_delta


@pytest.fixture
async def store(postgres_url: str) -> AsyncIterator[PostgresStore]:
    opened = await PostgresStore.open(postgres_url, clock=TickingClock())
    yield opened
    await opened.close()


class Unplugged(PostgresServer):
    """A way to the server that can be cut; connections fail as often as they are told to."""

    failures = 0

    async def connect(self, **settings: str):
        if self.failures:
            self.failures -= 1
            raise ConnectionRefusedError
        return await super().connect(**settings)


@pytest.fixture
async def appender(store: PostgresStore, postgres_url: str) -> AsyncIterator[Appender]:
    await store.begin(make_beginning())
    opened = Appender(Unplugged(postgres_url), patience_s=30)
    opened.admit("run_1", 1, 1)
    yield opened
    await opened.close()


async def put(appender: Appender, seq: int) -> StoreError | None:
    outcome: asyncio.Future[StoreError | None] = asyncio.get_running_loop().create_future()
    appender.append("run_1", make_delta(seq), outcome.set_result)
    return await outcome


async def test_batches_wait_for_a_database_that_comes_back(appender: Appender, store: PostgresStore):
    appender._server.failures = 3
    outcomes = await asyncio.gather(*(put(appender, seq) for seq in range(1, 4)))
    assert outcomes == [None, None, None]
    assert [batch.first_seq for batch in await store.read("run_1")] == [0, 1, 2, 3]


async def test_patience_ends_and_the_log_may_go_on_where_it_was(store: PostgresStore, postgres_url: str):
    await store.begin(make_beginning())
    appender = Appender(Unplugged(postgres_url), patience_s=0)
    appender.admit("run_1", 1, 1)
    appender._server.failures = 1
    refused = await put(appender, 1)
    assert isinstance(refused, StoreError)
    assert refused.code == "store_away"
    assert await put(appender, 1) is None
    await appender.close()


async def test_a_commit_whose_answer_was_lost_counts_once(appender: Appender, store: PostgresStore):
    written = appender._write

    async def write_and_lose_the_answer(rows: list[object]) -> set[str]:
        appender._write = written
        await written(rows)
        raise ConnectionResetError

    appender._write = write_and_lose_the_answer
    assert await put(appender, 1) is None
    assert await put(appender, 2) is None
    assert [batch.first_seq for batch in await store.read("run_1")] == [0, 1, 2]


async def test_who_settles_waits_for_the_batches_of_that_run(appender: Appender):
    told: list[StoreError | None] = []
    await appender.settle("run_1")
    for seq in (1, 2):
        appender.append("run_1", make_delta(seq), told.append)
    await appender.settle("run_1")
    assert told == [None, None]


async def test_a_listener_that_breaks_does_not_hurt_the_others(appender: Appender):
    def fail(_error: StoreError | None) -> None:
        message = "a defect"
        raise RuntimeError(message)

    seen: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: seen.append(context))
    appender.append("run_1", make_delta(1), fail)
    assert await put(appender, 2) is None
    assert len(seen) == 1


async def test_after_closing_nothing_is_taken(appender: Appender, store: PostgresStore):
    await appender.close()
    assert isinstance(await put(appender, 1), StoreError)
    assert await append(store, "run_1", make_delta(1)) is None
