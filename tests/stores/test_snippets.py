"""What a snippet promises: the words that were found, marked, with enough around them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from penstock.stores.snippets import cut_snippet, fold


def show(text: str, *words: str) -> str:
    """Write the snippet with its marks in brackets."""
    pieces = cut_snippet(text, [fold(word) for word in words])
    return "".join(f"[{piece.text}]" if piece.is_match else piece.text for piece in pieces)


def test_the_words_are_marked_as_they_were_written():
    assert show("The Quick brown fox", "quick", "FOX") == "The [Quick] brown [fox]"


def test_a_short_text_is_whole():
    assert show("one two", "two") == "one [two]"


def test_a_long_text_is_cut_at_words_around_the_first_match():
    text = "before " * 60 + "needle " + "after " * 60
    shown = show(text, "needle")
    assert shown.startswith("\u2026before")
    assert "before [needle] after" in shown
    assert shown.endswith("after\u2026")
    assert len(shown) < 200


def test_folding_that_changes_lengths_marks_the_right_place():
    assert show("Die Stra\u00dfe dort", "strasse") == "Die [Stra\u00dfe] dort"
    assert show("caf\u0065\u0301 noir", "noir") == "cafe\u0301 [noir]"


def test_words_that_touch_are_one_mark():
    assert show("aabb aab", "aa", "ab") == "[aab]b [aab]"


def test_white_space_is_one_blank():
    assert show("a\n\n  b\tc", "b") == "a [b] c"


def test_a_text_too_long_to_map_is_shown_from_its_beginning():
    assert show("\u00df" + "x" * 60_000 + " needle", "needle").startswith("\u00dfxxx")


@given(text=st.text(max_size=400), word=st.text(min_size=1, max_size=4))
def test_any_text_gives_a_short_snippet(text: str, word: str):
    folded = fold(word).split()
    pieces = cut_snippet(text, folded)
    assert sum(len(piece.text) for piece in pieces) <= 400
    assert all(piece.text for piece in pieces)
