"""What the shared store promises when several instances use one database, and when connections break."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from penstock.core.errors import NotFoundError, StoreError
from penstock.core.messages import Run
from penstock.core.ports import Store
from penstock.stores.migration import find_head
from penstock.stores.postgres import PostgresStore
from support.chaos import ChaosProxy, Fate
from support.postgres import execute, fetch
from support.store_samples import TickingClock, append, make_beginning, make_delta, make_ending

CUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture
async def pair(postgres_url: str) -> AsyncIterator[tuple[Store, Store]]:
    stores = [await PostgresStore.open(postgres_url, clock=TickingClock()) for _ in range(2)]
    yield stores[0], stores[1]
    for store in stores:
        await store.close()


async def lose(store: Store, other: Store) -> Run:
    """Let a run of ``store`` be declared lost by ``other``, while it still thinks that it lives."""
    await store.begin(make_beginning(instance="inst_1"))
    assert await append(store, "run_1", make_delta(1)) is None
    await other.renew_lease("inst_2", lease_s=0)
    [orphan] = await other.list_orphans("inst_2")
    claim = await other.claim_run(orphan, "inst_2")
    assert claim is not None
    return claim.run


async def test_a_run_is_read_where_it_is_not_produced(pair: tuple[Store, Store]):
    first, second = pair
    await first.begin(make_beginning())
    for seq in range(1, 6):
        assert await append(first, "run_1", make_delta(seq)) is None
        assert (await second.read("run_1", after=seq - 1))[0].first_seq == seq
        assert (await second.find_end("run_1")).next_seq == seq + 1


async def test_a_producer_that_was_declared_lost_writes_nothing(pair: tuple[Store, Store]):
    first, second = pair
    await lose(first, second)
    refused = await append(first, "run_1", make_delta(2))
    assert isinstance(refused, StoreError)
    assert refused.code == "run_lost"
    assert not await first.finish(make_ending(first_seq=2))
    assert [batch.first_seq for batch in await second.read("run_1")] == [0, 1]
    assert (await second.get_run("ann", "run_1")).is_live
    assert await second.finish(make_ending(first_seq=2, status="interrupted", epoch=2))
    assert isinstance(await append(first, "run_1", make_delta(2)), StoreError)
    assert not await first.finish(make_ending(first_seq=2))


async def test_an_append_races_with_a_claim_and_is_wholly_before_or_after_it(pair: tuple[Store, Store]):
    first, second = pair
    await second.renew_lease("inst_2", lease_s=0)
    for number in range(30):
        begun = await first.begin(make_beginning(number, conversation_id=None, instance="inst_1"))
        run_id = begun.run.id
        outcomes = [asyncio.create_task(append(first, run_id, make_delta(seq))) for seq in range(1, 4)]
        claim = await second.claim_run(begun.run, "inst_2")
        assert claim is not None
        end = await second.find_end(run_id)
        kept = [error is None for error in await asyncio.gather(*outcomes)]
        assert kept == sorted(kept, reverse=True), "nothing is kept behind what was refused"
        assert end.next_seq == 1 + sum(kept), "and nothing came behind the claim"
        assert await append(second, run_id, make_delta(end.next_seq)) is None


async def test_one_of_many_claims_wins(pair: tuple[Store, Store]):
    first, second = pair
    begun = await first.begin(make_beginning(instance="inst_gone"))
    for instance in ("inst_1", "inst_2"):
        await first.renew_lease(instance, lease_s=0)
    claims = await asyncio.gather(
        *(store.claim_run(begun.run, name) for store, name in ((first, "inst_1"), (second, "inst_2")) * 5)
    )
    assert sum(claim is not None for claim in claims) == 1


async def test_the_runs_of_an_instance_that_renews_its_lease_are_nobodys_prey(pair: tuple[Store, Store]):
    first, second = pair
    begun = await first.begin(make_beginning(instance="inst_1"))
    await first.renew_lease("inst_1", lease_s=60)
    await second.renew_lease("inst_2", lease_s=0)
    assert await second.list_orphans("inst_2") == []
    assert await second.claim_run(begun.run, "inst_2") is None
    await first.end_lease("inst_1")
    assert [run.id for run in await second.list_orphans("inst_2")] == ["run_1"]


async def test_who_came_back_himself_waits_before_he_judges_others(pair: tuple[Store, Store]):
    first, second = pair
    begun = await first.begin(make_beginning(instance="inst_1"))
    await second.renew_lease("inst_2", lease_s=60)
    assert await second.list_orphans("inst_2") == [], "all leases ended while the database was away"
    assert await second.claim_run(begun.run, "inst_2") is None
    await second.renew_lease("inst_2", lease_s=0)
    assert [run.id for run in await second.list_orphans("inst_2")] == ["run_1"], "the time of a lease is over"


async def test_what_was_given_away_may_be_taken_at_once(pair: tuple[Store, Store]):
    first, second = pair
    begun = await first.begin(make_beginning(instance=None))
    await second.renew_lease("inst_2", lease_s=60)
    assert await second.claim_run(begun.run, "inst_2") is not None


async def test_a_broken_connection_costs_no_batch_and_no_call(pair: tuple[Store, Store], postgres_url: str):
    first, _ = pair
    await first.begin(make_beginning())
    for seq in range(1, 6):
        await execute(postgres_url, CUT)
        assert await append(first, "run_1", make_delta(seq)) is None
        assert len(await first.read("run_1")) == seq + 1
        await first.check()
    await execute(postgres_url, CUT)
    assert await first.finish(make_ending(first_seq=6))


async def test_batches_that_committed_together_are_one_row_of_each_run(pair: tuple[Store, Store], postgres_url: str):
    first, second = pair
    for number in range(3):
        await first.begin(make_beginning(number, conversation_id=None))
    outcomes = [append(first, f"run_{number}", make_delta(seq)) for seq in range(1, 6) for number in range(3)]
    assert not any(await asyncio.gather(*outcomes))
    rows = await fetch(postgres_url, "SELECT run_id, first_seq, next_seq FROM run_batches WHERE first_seq > 0")
    assert sorted(map(tuple, rows)) == [(f"run_{number}", 1, 6) for number in range(3)]
    assert [batch.first_seq for batch in await second.read("run_1", after=2)] == [3, 4, 5]
    assert [batch.first_seq for batch in await second.read("run_1", after=2, limit=2)] == [3, 4]


async def test_instances_that_start_together_migrate_once(postgres_url: str):
    await execute(postgres_url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    stores = await asyncio.gather(*(PostgresStore.open(postgres_url, clock=TickingClock()) for _ in range(4)))
    for store in stores:
        await store.check()
        await store.close()
    [row] = await fetch(postgres_url, "SELECT version_num FROM alembic_version")
    assert row[0] == find_head()


async def test_a_database_that_is_not_there_is_named_without_its_password(postgres_server: str):
    place = postgres_server.rpartition("@")[2]
    with pytest.raises(StoreError) as refused:
        await PostgresStore.open(f"postgresql://postgres:hunter2@{place}/no_such_database", clock=TickingClock())
    assert refused.value.code == "store_missing"
    assert "no_such_database" in refused.value.message
    assert "hunter2" not in repr(refused.value)


@contextlib.asynccontextmanager
async def breaking_hop(url: str, breaks: list[int]) -> AsyncIterator[str]:
    """Stand before the database: so many of the next connections break in the middle of their handshake."""

    def draw() -> Fate:
        breaks[0] -= 1
        return Fate(cut_after_bytes=10, ending="rst") if breaks[0] >= 0 else Fate()

    port = urlsplit(url).port
    assert port is not None
    async with ChaosProxy([port], draw, seed=1) as proxy:
        yield proxy.stand_before(url)


async def test_a_hop_that_breaks_at_the_start_is_ridden_over(postgres_url: str, caplog: pytest.LogCaptureFixture):
    async with breaking_hop(postgres_url, [3]) as url:
        store = await PostgresStore.open(url, clock=TickingClock(), patience_s=20)
        await store.check()
        await store.close()
    assert [record.message for record in caplog.records if "Waiting for it." in record.message] != []


async def test_a_hop_that_breaks_while_a_connection_is_made_costs_no_call(postgres_url: str):
    breaks = [0]
    async with breaking_hop(postgres_url, breaks) as url:
        store = await PostgresStore.open(url, clock=TickingClock())
        await execute(postgres_url, CUT)
        breaks[0] = 2
        with pytest.raises(NotFoundError):
            await store.get_run("ann", "none")
        assert breaks[0] < 0, "the breaks were met"
        await store.close()


async def test_nothing_is_ridden_over_that_waiting_does_not_mend(postgres_server: str):
    with pytest.raises(StoreError) as refused:
        async with asyncio.timeout(30):
            await PostgresStore.open(f"{postgres_server}/no_such_database", clock=TickingClock(), patience_s=3600)
    assert refused.value.code == "store_missing"


async def test_a_server_that_does_not_answer_is_away():
    with pytest.raises(StoreError) as refused:
        await PostgresStore.open("postgresql://u:hunter2@127.0.0.1:1/chats", clock=TickingClock())
    assert refused.value.code == "store_away"
    assert refused.value.is_retryable
    assert "127.0.0.1:1/chats" in refused.value.message
    assert "hunter2" not in refused.value.message
