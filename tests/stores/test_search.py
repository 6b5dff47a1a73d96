"""Search, with and without an index."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from penstock.stores.search import split_query
from penstock.stores.sqlite import SqliteStore
from support.store_samples import make_beginning


async def test_search_works_where_sqlite_has_no_full_text_index(
    store: SqliteStore, perform: Callable[[str], Awaitable[None]]
):
    for statement in ("TRIGGER search_texts_added", "TRIGGER search_texts_removed", "TABLE search_index"):
        await perform(f"DROP {statement}")
    await store.begin(make_beginning())
    assert len((await store.list_conversations("ann", query="HELLO")).conversations) == 1
    assert len((await store.list_conversations("ann", query="hello there")).conversations) == 0


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("  Two  Words ", ["two", "words"]),
        ("STRASSE Stra\u00dfe", ["strasse", "strasse"]),
        ("a\0b", ["a", "b"]),
        ("\ud800x", ["x"]),
        ("\uff21", ["a"]),
        (" ", []),
    ],
)
def test_a_query_is_split_into_folded_words(query: str, words: list[str]):
    assert split_query(query) == words


def test_a_query_is_bounded():
    assert [len(word) for word in split_query(" ".join(["x" * 1000] * 100))] == [200] * 16
