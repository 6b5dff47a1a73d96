"""What every store promises of names and looks: a person's title stays, and every device sees the same marks."""

from __future__ import annotations

import asyncio

import pytest

from penstock.core.errors import ConflictError, NotFoundError
from penstock.core.messages import TokenUsage
from penstock.core.ports import Store
from penstock.core.storage import SnippetPiece
from penstock.core.usage import Cost
from support.store_samples import make_beginning, make_conversation, make_ending


async def test_a_models_title_replaces_first_words(store: Store):
    await store.create_conversation(make_conversation())
    named = await store.suggest_title("ann", "conv_1", "how do I", source="words")
    assert (named.title, named.title_source, named.version) == ("how do I", "words", 2)
    named = await store.suggest_title("ann", "conv_1", "A Better Name", source="model")
    assert (named.title, named.title_source, named.version) == ("A Better Name", "model", 3)
    assert await store.suggest_title("ann", "conv_1", "how do I", source="words") == named
    assert await store.get_conversation("ann", "conv_1") == named
    assert named.updated_at == 10.0, "nothing was said"


async def test_a_persons_title_stays(store: Store):
    await store.create_conversation(make_conversation(title="words", title_source="words"))
    mine = await store.update_conversation("ann", "conv_1", version=1, changes={"title": "Mine"})
    assert mine.title_source == "person"
    assert await store.suggest_title("ann", "conv_1", "The model's", source="model") == mine


async def test_a_title_that_was_taken_away_may_be_made_again(store: Store):
    await store.create_conversation(make_conversation(title="Mine", title_source="person"))
    await store.update_conversation("ann", "conv_1", version=1, changes={"title": None})
    assert (await store.suggest_title("ann", "conv_1", "The model's", source="model")).title == "The model's"


async def test_in_a_race_the_persons_title_wins(store: Store):
    for number in range(8):
        conversation_id = f"conv_{number}"
        await store.create_conversation(make_conversation(conversation_id))

        async def rename(conversation_id: str = conversation_id) -> None:
            while True:
                version = (await store.get_conversation("ann", conversation_id)).version
                try:
                    await store.update_conversation("ann", conversation_id, version=version, changes={"title": "Mine"})
                except ConflictError:
                    continue
                return

        await asyncio.gather(rename(), store.suggest_title("ann", conversation_id, "The model's", source="model"))
        assert (await store.get_conversation("ann", conversation_id)).title == "Mine"


async def test_what_titles_took_is_kept_also_when_they_are_not_taken(store: Store):
    await store.create_conversation(make_conversation(title="Mine", title_source="person"))
    usage, cost = TokenUsage(input=40, output=4, total=44), Cost(usd=0.001)
    for _ in range(2):
        await store.suggest_title("ann", "conv_1", "The model's", source="model", usage=usage, cost=cost)
    kept = await store.get_conversation("ann", "conv_1")
    assert kept.title == "Mine"
    assert kept.title_usage == TokenUsage(input=80, output=8, total=88)
    assert kept.title_cost == Cost(usd=0.002)


async def test_a_suggested_title_is_found(store: Store):
    await store.create_conversation(make_conversation())
    await store.suggest_title("ann", "conv_1", "Penguins at home", source="model")
    page = await store.list_conversations("ann", query="penguins")
    assert page.matches[0].message_id is None
    assert page.matches[0].snippet == (SnippetPiece("Penguins", is_match=True), SnippetPiece(" at home"))


async def test_a_look_is_noted_and_never_taken_back(store: Store):
    await store.begin(make_beginning())
    await store.finish(make_ending(ended_at=50.0))
    answered = await store.get_conversation("ann", "conv_1")
    assert (answered.answered_at, answered.seen_at) == (50.0, None)
    seen = await store.mark_seen("ann", "conv_1", at=60.0)
    assert (seen.seen_at, seen.version) == (60.0, answered.version)
    assert (await store.mark_seen("ann", "conv_1", at=55.0)).seen_at == 60.0
    changed = await store.update_conversation("ann", "conv_1", version=1, changes={"pinned": True})
    assert (changed.seen_at, changed.answered_at) == (60.0, 50.0)


async def test_the_list_says_where_an_answer_is_being_written(store: Store):
    await store.begin(make_beginning(1, conversation_id="conv_1"))
    await store.begin(make_beginning(2, conversation_id="conv_2"))
    assert set((await store.list_conversations("ann")).running) == {"conv_1", "conv_2"}
    await store.finish(make_ending(1))
    assert (await store.list_conversations("ann")).running == ("conv_2",)
    assert (await store.list_conversations("bob")).running == ()


async def test_the_runs_of_a_conversation_are_listed_oldest_first(store: Store):
    for number in (1, 2):
        await store.begin(make_beginning(number))
    await store.begin(make_beginning(3, conversation_id="conv_3"))
    await store.finish(make_ending(1))
    runs = await store.list_runs("ann", "conv_1")
    assert [run.id for run in runs] == ["run_1", "run_2"]
    assert [run.usage for run in runs] == [TokenUsage(input=3, output=5), None]
    assert await store.list_runs("bob", "conv_1") == []
    assert await store.list_runs("ann", "conv_9") == []


async def test_a_found_text_is_shown_with_its_words_marked(store: Store):
    await store.begin(make_beginning(1))
    await store.finish(make_ending(1))
    await store.create_conversation(make_conversation("conv_2", title="An answer to all"))
    page = await store.list_conversations("ann", query="answer")
    found = {match.conversation_id: match for match in page.matches}
    assert found["conv_1"].message_id == "answer_1"
    assert found["conv_1"].snippet == (SnippetPiece("an "), SnippetPiece("answer", is_match=True))
    assert found["conv_2"].message_id is None
    assert (await store.list_conversations("ann")).matches == ()


async def test_names_and_looks_are_scoped_by_owner(store: Store):
    await store.create_conversation(make_conversation())
    for refused in (
        store.suggest_title("bob", "conv_1", "x", source="model"),
        store.mark_seen("bob", "conv_1", at=60.0),
    ):
        with pytest.raises(NotFoundError):
            await refused
    assert await store.get_conversation("ann", "conv_1") == make_conversation()
