"""What every store promises of runs: one begin per submit, one end per run, and who may see what."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from penstock.core.errors import ConflictError, NotFoundError, ProtocolError
from penstock.core.messages import TokenUsage
from penstock.core.ports import Store
from penstock.core.storage import LiveRun
from support.store_samples import append, make_beginning, make_conversation, make_delta, make_ending, make_message


async def test_a_submit_writes_conversation_message_run_and_first_event_together(store: Store):
    begun = await store.begin(make_beginning())
    assert begun.is_new
    assert await store.get_run("ann", "run_1") == begun.run
    assert (await store.get_conversation("ann", "conv_1")).updated_at == begun.run.created_at
    assert await store.list_messages("ann", "conv_1") == [make_message("user_1")]
    assert await store.read("run_1") == [make_beginning().first_batch]


async def test_a_repeated_submit_gives_the_run_it_started_and_writes_nothing(store: Store):
    first = await store.begin(make_beginning(1, client_message_id="submit"))
    again = await store.begin(make_beginning(2, client_message_id="submit"))
    assert not again.is_new
    assert again.run == first.run
    assert [message.id for message in await store.list_messages("ann", "conv_1")] == ["user_1"]
    with pytest.raises(NotFoundError):
        await store.get_run("ann", "run_2")
    with pytest.raises(NotFoundError):
        await store.read("run_2")


@pytest.mark.parametrize("conversation_id", ["conv_1", None])
async def test_fifty_submits_at_once_make_one_run(store: Store, conversation_id: str | None):
    beginnings = (
        make_beginning(number, conversation_id=conversation_id, client_message_id="submit") for number in range(50)
    )
    begun = await asyncio.gather(*(store.begin(beginning) for beginning in beginnings))
    assert sum(one.is_new for one in begun) == 1
    assert len({one.run.id for one in begun}) == 1
    assert len(await store.list_orphans("inst_1")) == 1


async def test_a_client_message_id_counts_within_its_conversation_and_owner(store: Store):
    submits = [
        make_beginning(1, conversation_id="conv_1", client_message_id="same"),
        make_beginning(2, conversation_id="conv_2", client_message_id="same"),
        make_beginning(3, conversation_id=None, client_message_id="same"),
        make_beginning(4, conversation_id=None, client_message_id="same", owner="bob"),
        make_beginning(5, conversation_id=None),
        make_beginning(6, conversation_id=None),
    ]
    for submit in submits:
        assert (await store.begin(submit)).is_new


async def test_a_second_turn_goes_on_below_the_first(store: Store):
    await store.begin(make_beginning(1))
    await store.finish(make_ending(1))
    second = make_beginning(2)
    followed = make_message("user_2", parent_id="answer_1")
    await store.begin(msgspec.structs.replace(second, messages=(followed,)))
    tree = await store.list_messages("ann", "conv_1")
    assert [message.id for message in tree] == ["user_1", "answer_1", "user_2"]


async def test_the_history_of_a_new_conversation_is_kept_in_its_order(store: Store):
    history = tuple(make_message(f"m{n}", parent_id=f"m{n - 1}" if n else None) for n in range(5))
    await store.begin(msgspec.structs.replace(make_beginning(1, parent_id="m4"), messages=history))
    assert await store.list_messages("ann", "conv_1") == list(history)


async def test_a_regeneration_adds_no_message(store: Store):
    await store.begin(make_beginning(1))
    await store.begin(msgspec.structs.replace(make_beginning(2, parent_id="user_1"), messages=()))
    assert len(await store.list_messages("ann", "conv_1")) == 1


async def test_a_parent_must_be_in_the_conversation(store: Store):
    await store.begin(make_beginning(1, conversation_id="conv_other"))
    astray = make_message("user_2", parent_id="user_1")
    with pytest.raises(NotFoundError) as refused:
        await store.begin(msgspec.structs.replace(make_beginning(2), messages=(astray,)))
    assert refused.value.field == "parent_id"
    with pytest.raises(NotFoundError):
        await store.begin(make_beginning(2, parent_id="user_1"))
    with pytest.raises(NotFoundError):  # nothing was written by the refused ones
        await store.get_conversation("ann", "conv_1")


async def test_another_owners_conversation_behaves_like_an_unknown_one(store: Store):
    await store.begin(make_beginning(1))
    with pytest.raises(NotFoundError) as anothers:
        await store.begin(make_beginning(2, owner="bob"))
    unknown = msgspec.structs.replace(make_beginning(3, owner="bob"), conversation=None)
    await store.delete_conversation("ann", "conv_1", at=60.0)
    with pytest.raises(NotFoundError) as deleted:
        await store.begin(unknown)
    assert anothers.value.message == deleted.value.message


async def test_a_conversation_that_is_not_to_be_made_must_be_there(store: Store):
    with pytest.raises(NotFoundError):
        await store.begin(msgspec.structs.replace(make_beginning(), conversation=None))


async def test_a_deleted_conversation_takes_no_new_run_but_knows_the_old_submit(store: Store):
    await store.begin(make_beginning(1, client_message_id="submit"))
    await store.delete_conversation("ann", "conv_1", at=60.0)
    with pytest.raises(ConflictError):
        await store.begin(make_beginning(2))
    assert not (await store.begin(make_beginning(3, client_message_id="submit"))).is_new


async def test_ids_that_are_taken_are_a_conflict(store: Store):
    await store.begin(make_beginning(1))
    with pytest.raises(ConflictError):
        await store.begin(msgspec.structs.replace(make_beginning(1), messages=()))
    taken = make_message("user_1")
    with pytest.raises(ConflictError):
        await store.begin(msgspec.structs.replace(make_beginning(2, parent_id="user_1"), messages=(taken,)))


async def test_a_conflict_in_one_submit_does_not_hurt_those_that_commit_with_it(store: Store):
    await store.begin(make_beginning(1))
    good = [make_beginning(number, conversation_id=None) for number in range(2, 10)]
    bad = msgspec.structs.replace(make_beginning(1), messages=())
    outcomes = await asyncio.gather(*(store.begin(one) for one in [*good[:4], bad, *good[4:]]), return_exceptions=True)
    assert [isinstance(outcome, ConflictError) for outcome in outcomes] == [False] * 4 + [True] + [False] * 4
    for one in good:
        assert await append(store, one.run.id, make_delta(1)) is None


async def test_the_end_of_a_run_keeps_its_message_and_figures(store: Store):
    await store.begin(make_beginning())
    ending = make_ending()
    assert await store.finish(ending)
    run = await store.get_run("ann", "run_1")
    assert (run.status, run.ended_at, run.is_live) == ("finished", 50.0, False)
    assert (run.usage, run.cost, run.timings) == (ending.folded.usage, ending.folded.cost, ending.folded.timings)
    assert run.usage == TokenUsage(input=3, output=5)
    assert (await store.list_messages("ann", "conv_1"))[-1] == ending.message
    assert (await store.read("run_1"))[-1] == ending.last_batch
    assert (await store.get_conversation("ann", "conv_1")).updated_at == 50.0


async def test_a_run_without_conversation_ends_without_a_message(store: Store):
    await store.begin(make_beginning(conversation_id=None))
    assert await store.finish(make_ending(message=None))
    assert (await store.get_run("ann", "run_1")).status == "finished"


async def test_of_two_ends_at_once_one_wins(store: Store):
    await store.begin(make_beginning())
    endings = [make_ending(status="finished"), make_ending(status="stopped")]
    outcomes = await asyncio.gather(*(store.finish(ending) for ending in endings))
    assert sorted(outcomes) == [False, True]
    winner = endings[outcomes.index(True)]
    assert (await store.get_run("ann", "run_1")).status == winner.status
    assert len(await store.read("run_1")) == 2
    assert len(await store.list_messages("ann", "conv_1")) == 2


async def test_an_end_at_another_epoch_changes_nothing(store: Store):
    await store.begin(make_beginning())
    assert not await store.finish(make_ending(epoch=2))
    assert (await store.get_run("ann", "run_1")).is_live


async def test_the_end_of_an_unknown_run_is_an_error(store: Store):
    with pytest.raises(NotFoundError):
        await store.finish(make_ending())


async def test_an_end_must_follow_the_log(store: Store):
    await store.begin(make_beginning())
    with pytest.raises(ProtocolError):
        await store.finish(make_ending(first_seq=2))
    assert (await store.get_run("ann", "run_1")).is_live
    assert await store.finish(make_ending(first_seq=1))


async def test_an_end_comes_after_the_batches_that_wait(store: Store):
    await store.begin(make_beginning())
    for seq in range(1, 6):
        store.append("run_1", make_delta(seq), lambda _: None)
    assert await store.finish(make_ending(first_seq=6))
    assert [batch.first_seq for batch in await store.read("run_1")] == list(range(7))


async def test_runs_are_seen_by_their_owner_alone(store: Store):
    await store.begin(make_beginning())
    for refused in (
        store.get_run("bob", "run_1"),
        store.get_run("ann", "run_2"),
        store.request_stop("bob", "run_1", at=30.0),
        store.request_stop("ann", "run_2", at=30.0),
    ):
        with pytest.raises(NotFoundError):
            await refused
    assert (await store.get_run("ann", "run_1")).stop_requested_at is None


async def test_the_live_run_is_the_newest_without_an_end(store: Store):
    assert await store.find_live_run("ann", "conv_1") is None
    await store.begin(make_beginning(1))
    newest = await store.begin(make_beginning(2))
    assert await store.find_live_run("ann", "conv_1") == newest.run
    assert await store.find_live_run("bob", "conv_1") is None
    await store.finish(make_ending(2))
    live = await store.find_live_run("ann", "conv_1")
    assert live is not None
    assert live.id == "run_1"


async def test_the_first_wish_to_stop_is_noted_once(store: Store):
    await store.begin(make_beginning())
    assert (await store.request_stop("ann", "run_1", at=30.0)).stop_requested_at == 30.0
    assert (await store.request_stop("ann", "run_1", at=40.0)).stop_requested_at == 30.0
    await store.finish(make_ending())
    assert (await store.request_stop("ann", "run_1", at=60.0)).status == "finished"


async def test_an_instance_knows_its_live_runs_and_which_are_to_stop(store: Store):
    await store.begin(make_beginning(1, instance="inst_1"))
    await store.begin(make_beginning(2, instance="inst_1"))
    await store.begin(make_beginning(3, instance="inst_2"))
    await store.begin(make_beginning(4, instance="inst_1"))
    await store.finish(make_ending(4))
    await store.request_stop("ann", "run_2", at=30.0)
    own = await store.renew_lease("inst_1", lease_s=60)
    assert sorted(own, key=lambda run: run.run_id) == [
        LiveRun("run_1", "ann", is_stop_requested=False),
        LiveRun("run_2", "ann", is_stop_requested=True),
    ]


async def test_the_runs_of_an_instance_that_is_gone_are_taken_over_once(open_store: Callable[[], Awaitable[Store]]):
    first = await open_store()
    await first.renew_lease("inst_1", lease_s=60)
    for number in (1, 2):
        await first.begin(make_beginning(number, instance="inst_1"))
        assert await append(first, f"run_{number}", make_delta(1)) is None
    await first.finish(make_ending(2, first_seq=2))
    await first.end_lease("inst_1")
    await first.close()
    second = await open_store()
    await second.renew_lease("inst_2", lease_s=0)
    [orphan] = await second.list_orphans("inst_2")
    claim = await second.claim_run(orphan, "inst_2")
    assert claim is not None
    assert (claim.run.id, claim.run.epoch, claim.run.instance) == ("run_1", 2, "inst_2")
    assert await second.get_run("ann", "run_1") == claim.run
    assert await second.claim_run(orphan, "inst_2") is None
    assert await append(second, "run_1", make_delta(2)) is None
    assert [batch.first_seq for batch in await second.read("run_1")] == [0, 1, 2]
    assert not await second.finish(make_ending(first_seq=3, status="interrupted")), "the epoch before"
    assert await second.finish(make_ending(first_seq=3, status="interrupted", epoch=2))
    assert await second.list_orphans("inst_2") == []
    await second.close()


async def test_a_claim_knows_where_the_service_can_go_on(open_store: Callable[[], Awaitable[Store]]):
    first = await open_store()
    await first.begin(make_beginning(instance="inst_1"))
    for seq in (1, 2):
        batch = msgspec.structs.replace(make_delta(seq), resume_token=f"behind {seq}")
        assert await append(first, "run_1", batch) is None
    assert await append(first, "run_1", make_delta(3)) is None
    await first.close()
    second = await open_store()
    await second.renew_lease("inst_2", lease_s=0)
    [orphan] = await second.list_orphans("inst_2")
    claim = await second.claim_run(orphan, "inst_2")
    assert claim is not None
    assert claim.resume_token == "behind 2"
    await second.close()


async def test_everything_is_there_after_opening_again(open_store: Callable[[], Awaitable[Store]]):
    first = await open_store()
    await first.create_conversation(make_conversation("conv_2", title="Kept"))
    await first.begin(make_beginning())
    await first.finish(make_ending())
    before = (await first.list_conversations("ann"), await first.list_messages("ann", "conv_1"))
    await first.close()
    second = await open_store()
    assert before == (await second.list_conversations("ann"), await second.list_messages("ann", "conv_1"))
    assert len(await second.read("run_1")) == 2
    await second.close()
