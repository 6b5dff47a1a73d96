"""A conversation's first title."""

from __future__ import annotations

import pytest

from penstock.runs.title import TITLE_LENGTH, clean_title, title_from


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


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        ("Streams for beginners", "Streams for beginners"),
        ('"Streams for beginners."', "Streams for beginners"),
        ("**Title: Streams**\n\nIt is short.", "Streams"),
        ("# Streams: an overview\n", "Streams: an overview"),
        ("\n\n\u201eStr\u00f6me\u201c", "Str\u00f6me"),
        ("word " * 40, " ".join(["word"] * 12)),
        ("", None),
        ('""', None),
    ],
)
def test_a_models_answer_is_cleaned_to_a_title(answer: str, title: str | None):
    assert clean_title(answer) == title


def test_a_pasted_book_costs_no_more_than_its_beginning():
    title = title_from("ab " * 10_000_000)
    assert title is not None
    assert len(title) <= TITLE_LENGTH
