"""What every store promises of conversations: owners, versions, pages and search."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penstock.core.errors import CallerError, ConflictError, NotFoundError
from penstock.core.ports import Store
from support.store_samples import make_beginning, make_conversation, make_ending, make_message


async def test_a_conversation_is_kept_as_it_was_made(store: Store):
    made = make_conversation(title="T\u00eftle", model="m", system_prompt="Be brief.", pinned=True)
    assert await store.create_conversation(made) == made
    assert await store.get_conversation("ann", "conv_1") == made


async def test_an_id_is_taken_once(store: Store):
    await store.create_conversation(make_conversation())
    with pytest.raises(ConflictError):
        await store.create_conversation(make_conversation())
    with pytest.raises(NotFoundError):
        await store.create_conversation(make_conversation(owner="bob"))


async def test_every_call_is_scoped_by_owner(store: Store):
    await store.create_conversation(make_conversation())
    for owner, conversation_id in (("bob", "conv_1"), ("ann", "conv_2")):
        for refused in (
            store.get_conversation(owner, conversation_id),
            store.list_messages(owner, conversation_id),
            store.update_conversation(owner, conversation_id, version=1, changes={"title": "x"}),
            store.delete_conversation(owner, conversation_id, at=60.0),
            store.restore_conversation(owner, conversation_id),
        ):
            with pytest.raises(NotFoundError) as error:
                await refused
            assert error.value.message == f"There is no conversation {conversation_id}."
    assert (await store.list_conversations("bob")).conversations == ()
    assert await store.get_conversation("ann", "conv_1") == make_conversation()


async def test_a_change_makes_a_new_version(store: Store):
    await store.create_conversation(make_conversation(title="Old"))
    changes = {"title": "New", "model": "m2", "system_prompt": None, "pinned": True}
    changed = await store.update_conversation("ann", "conv_1", version=1, changes=changes)
    assert changed == make_conversation(title="New", title_source="person", model="m2", pinned=True, version=2)
    assert await store.get_conversation("ann", "conv_1") == changed


async def test_of_two_changes_of_one_version_the_second_is_refused(store: Store):
    await store.create_conversation(make_conversation())
    outcomes = await asyncio.gather(
        *(store.update_conversation("ann", "conv_1", version=1, changes={"title": title}) for title in ("a", "b")),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, ConflictError) for outcome in outcomes) == 1


@pytest.mark.parametrize("changes", [{"owner": "bob"}, {"version": 9}, {"title": 7}, {"pinned": None}])
async def test_nothing_else_can_be_changed(store: Store, changes: dict[str, object]):
    await store.create_conversation(make_conversation())
    with pytest.raises(CallerError) as refused:
        await store.update_conversation("ann", "conv_1", version=1, changes=changes)
    assert refused.value.field == next(iter(changes))
    assert await store.get_conversation("ann", "conv_1") == make_conversation()


async def test_a_change_moves_nothing_in_the_list(store: Store):
    await store.create_conversation(make_conversation("conv_1", updated_at=10.0))
    await store.create_conversation(make_conversation("conv_2", updated_at=20.0))
    await store.update_conversation("ann", "conv_1", version=1, changes={"title": "New"})
    assert [one.id for one in (await store.list_conversations("ann")).conversations] == ["conv_2", "conv_1"]


async def test_a_run_is_no_change_of_metadata(store: Store):
    await store.begin(make_beginning())
    await store.finish(make_ending())
    assert (await store.get_conversation("ann", "conv_1")).version == 1


async def test_a_deleted_conversation_is_away_until_it_is_restored(store: Store):
    await store.begin(make_beginning())
    deleted = await store.delete_conversation("ann", "conv_1", at=60.0)
    assert deleted.deleted_at == 60.0
    assert await store.delete_conversation("ann", "conv_1", at=70.0) == deleted
    assert (await store.list_conversations("ann")).conversations == ()
    assert (await store.list_conversations("ann", query="hello")).conversations == ()
    for refused in (
        store.get_conversation("ann", "conv_1"),
        store.list_messages("ann", "conv_1"),
        store.update_conversation("ann", "conv_1", version=deleted.version, changes={"title": "x"}),
    ):
        with pytest.raises(NotFoundError):
            await refused
    restored = await store.restore_conversation("ann", "conv_1")
    assert restored == msgspec.structs.replace(deleted, deleted_at=None, version=restored.version), "where it was"
    assert await store.restore_conversation("ann", "conv_1") == restored
    assert len(await store.list_messages("ann", "conv_1")) == 1


async def test_the_list_gives_pinned_ones_first_and_then_the_newest(store: Store):
    for number, pinned in enumerate([False, True, False, True]):
        made = make_conversation(f"conv_{number}", pinned=pinned, updated_at=100.0 + number)
        await store.create_conversation(made)
    page = await store.list_conversations("ann")
    assert [one.id for one in page.conversations] == ["conv_3", "conv_1", "conv_2", "conv_0"]
    assert page.next_cursor is None


async def test_pages_follow_each_other_without_a_gap_or_a_repeat(store: Store):
    for number in range(25):
        made = make_conversation(f"conv_{number:02}", pinned=number % 9 == 0, updated_at=100.0 + number // 3)
        await store.create_conversation(made)
    whole = [one.id for one in (await store.list_conversations("ann", limit=200)).conversations]
    seen: list[str] = []
    cursor = None
    while True:
        page = await store.list_conversations("ann", cursor=cursor, limit=4)
        seen += [one.id for one in page.conversations]
        cursor = page.next_cursor
        if cursor is None:
            break
        await store.create_conversation(make_conversation(f"late_{len(seen)}", pinned=True, updated_at=1e6))
    assert seen == whole
    assert len(seen) == 25


@pytest.mark.parametrize("cursor", ["", "x", "!!", "W10", "bm90IGpzb24", "\u00e9", "WzEsMl0", "a" * 5000])
async def test_a_wrong_cursor_is_the_callers_error(store: Store, cursor: str):
    with pytest.raises(CallerError) as refused:
        await store.list_conversations("ann", cursor=cursor)
    assert refused.value.field == "cursor"


@pytest.mark.parametrize("limit", [0, -1, 201])
async def test_a_limit_out_of_bounds_is_the_callers_error(store: Store, limit: int):
    with pytest.raises(CallerError) as refused:
        await store.list_conversations("ann", limit=limit)
    assert refused.value.field == "limit"


async def find(store: Store, query: str, *, owner: str = "ann") -> set[str]:
    return {one.id for one in (await store.list_conversations(owner, query=query)).conversations}


async def test_search_finds_titles_and_what_both_sides_said(store: Store):
    await store.begin(make_beginning(1))
    await store.finish(make_ending(1))
    await store.create_conversation(make_conversation("conv_2", title="Stra\u00dfe \u6771\u4eac\u90fd 100% _x_"))
    assert await find(store, "hel") == {"conv_1"}
    assert await find(store, "ANSWER an") == {"conv_1"}
    assert await find(store, "hello answer") == set(), "all words in one text"
    assert await find(store, "strasse") == {"conv_2"}
    assert await find(store, "\u4eac\u90fd") == {"conv_2"}, "short words and scripts without spaces"
    assert await find(store, "100%") == {"conv_2"}
    assert await find(store, "%") == {"conv_2"}
    assert await find(store, "_x") == {"conv_2"}
    assert await find(store, "1%0") == set()
    assert await find(store, "   ") == {"conv_1", "conv_2"}
    assert await find(store, "hello", owner="bob") == set()


async def test_search_knows_the_newest_title_only(store: Store):
    await store.create_conversation(make_conversation(title="Before"))
    await store.update_conversation("ann", "conv_1", version=1, changes={"title": "After"})
    assert await find(store, "before") == set()
    assert await find(store, "after") == {"conv_1"}
    await store.update_conversation("ann", "conv_1", version=2, changes={"title": None})
    assert await find(store, "after") == set()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(st.characters(categories=None)) | st.text('"*^:()-+AND OR NEAR{}\\%_\0\ud800abc'))
async def test_any_query_is_legal(store: Store, query: str):
    await store.list_conversations("ann", query=query)


async def test_any_text_is_found_by_itself(store: Store):
    texts = ['say "hi" (now) AND* -x', "a:b^c {d}", "back\\slash", "NEAR(", "'; DROP TABLE messages; --"]
    for number, text in enumerate(texts):
        beginning = make_beginning(number, conversation_id=f"conv_{number}")
        said = make_message(f"user_{number}", text, conversation_id=f"conv_{number}")
        await store.begin(msgspec.structs.replace(beginning, messages=(said,)))
    for number, text in enumerate(texts):
        assert await find(store, text) == {f"conv_{number}"}
