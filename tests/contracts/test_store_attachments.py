"""What every store promises of files: their owner, their quota, and that they go with their conversation."""

from __future__ import annotations

import pytest

from penstock.core.errors import CallerError, ConflictError, NotFoundError
from penstock.core.ports import Store
from penstock.core.storage import Expired
from support.store_samples import carry, make_attachment, make_beginning, make_conversation, make_ending

QUOTA = 1000


async def test_an_upload_is_kept_as_it_was_noted(store: Store):
    made = make_attachment(name="../../\u00fc b.txt")
    assert await store.add_attachment(made, quota_bytes=QUOTA) == made
    assert await store.get_attachment("ann", "att_1") == made


async def test_a_file_is_its_owners_only(store: Store):
    await store.add_attachment(make_attachment(), quota_bytes=QUOTA)
    for refused in (store.get_attachment("bob", "att_1"), store.delete_attachment("bob", "att_1")):
        with pytest.raises(NotFoundError):
            await refused
    with pytest.raises(NotFoundError) as refused:
        await store.begin(carry(make_attachment(), beginning=make_beginning(owner="bob")))
    assert refused.value.field == "attachments"
    with pytest.raises(NotFoundError):
        await store.get_run("bob", "run_1")


async def test_files_beyond_the_quota_are_refused(store: Store):
    await store.add_attachment(make_attachment(1, size_bytes=600), quota_bytes=QUOTA)
    with pytest.raises(CallerError) as refused:
        await store.add_attachment(make_attachment(2, size_bytes=401), quota_bytes=QUOTA)
    assert refused.value.code == "quota_exceeded"
    await store.add_attachment(make_attachment(3, size_bytes=400), quota_bytes=QUOTA)
    await store.add_attachment(make_attachment(4, owner="bob", size_bytes=1000), quota_bytes=QUOTA)


async def test_a_sent_file_is_its_conversations(store: Store):
    await store.add_attachment(make_attachment(), quota_bytes=QUOTA)
    await store.begin(carry(make_attachment()))
    assert (await store.get_attachment("ann", "att_1")).conversation_id == "conv_1"
    with pytest.raises(ConflictError):
        await store.delete_attachment("ann", "att_1")
    other = make_beginning(2, conversation_id="conv_2")
    with pytest.raises(NotFoundError):
        await store.begin(carry(make_attachment(), beginning=other))
    again = make_beginning(3)
    assert (await store.begin(carry(make_attachment(), beginning=again))).is_new, "an edit carries it again"


async def test_an_unsent_file_can_be_taken_back(store: Store):
    await store.add_attachment(make_attachment(), quota_bytes=QUOTA)
    await store.delete_attachment("ann", "att_1")
    with pytest.raises(NotFoundError):
        await store.get_attachment("ann", "att_1")
    with pytest.raises(NotFoundError):
        await store.begin(carry(make_attachment()))


async def test_a_deleted_conversation_hides_its_files(store: Store):
    await store.add_attachment(make_attachment(), quota_bytes=QUOTA)
    await store.begin(carry(make_attachment()))
    await store.delete_conversation("ann", "conv_1", at=60.0)
    with pytest.raises(NotFoundError):
        await store.get_attachment("ann", "att_1")
    await store.restore_conversation("ann", "conv_1")
    assert (await store.get_attachment("ann", "att_1")).conversation_id == "conv_1"


async def list_expired(store: Store, *, deleted: float = 0.0, unsent: float = 0.0) -> Expired:
    return await store.list_expired(deleted_before=deleted, unsent_before=unsent, limit=10)


async def test_what_was_never_sent_expires(store: Store):
    await store.add_attachment(make_attachment(1, created_at=15.0), quota_bytes=QUOTA)
    await store.add_attachment(make_attachment(2, created_at=25.0), quota_bytes=QUOTA)
    expired = await list_expired(store, unsent=20.0)
    assert expired == Expired(attachment_ids=("att_1",))
    await store.purge(expired)
    assert await list_expired(store, unsent=20.0) == Expired()
    assert (await store.get_attachment("ann", "att_2")).id == "att_2"


async def test_a_conversation_past_its_undo_time_is_dropped_with_its_files(store: Store):
    await store.add_attachment(make_attachment(), quota_bytes=QUOTA)
    await store.begin(carry(make_attachment()))
    await store.finish(make_ending())
    await store.create_conversation(make_conversation("conv_2"))
    await store.delete_conversation("ann", "conv_1", at=60.0)
    assert await list_expired(store, deleted=60.0) == Expired()
    expired = await list_expired(store, deleted=61.0)
    assert expired == Expired(("conv_1",), ("att_1",))
    await store.purge(expired)
    with pytest.raises(NotFoundError):
        await store.restore_conversation("ann", "conv_1")
    assert (await store.list_conversations("ann", query="hello")).conversations == ()
    assert [one.id for one in (await store.list_conversations("ann")).conversations] == ["conv_2"]
    assert (await store.get_run("ann", "run_1")).conversation_id is None, "what was spent stays on record"
    assert await list_expired(store, deleted=61.0) == Expired()


async def test_a_conversation_in_which_something_runs_waits(store: Store):
    await store.begin(make_beginning())
    await store.delete_conversation("ann", "conv_1", at=60.0)
    assert await list_expired(store, deleted=61.0) == Expired()
    await store.finish(make_ending())
    assert (await list_expired(store, deleted=61.0)).conversation_ids == ("conv_1",)


async def test_as_much_expires_as_was_asked_for(store: Store):
    for number in range(3):
        await store.create_conversation(make_conversation(f"conv_{number}"))
        await store.delete_conversation("ann", f"conv_{number}", at=60.0 + number)
    expired = await store.list_expired(deleted_before=100.0, unsent_before=0.0, limit=2)
    assert expired.conversation_ids == ("conv_0", "conv_1")
