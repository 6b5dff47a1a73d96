"""A conversation's first title."""

from __future__ import annotations

import pytest

from penstock.runs.title import TITLE_LENGTH, title_from


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Hello", "Hello"),
        ("  two\n\n words\t", "two words"),
        ("word " * 20, " ".join(["word"] * 12)),
        ("x" * 100, "x" * 60),
        ("short " + "x" * 100, "short"),
        ("", None),
        (" \n ", None),
        ("é" * 60, "é" * 60),
    ],
)
def test_a_title_is_the_first_whole_words_that_fit(text: str, title: str | None):
    assert title_from(text) == title


def test_a_pasted_book_costs_no_more_than_its_beginning():
    title = title_from("ab " * 10_000_000)
    assert title is not None
    assert len(title) <= TITLE_LENGTH
