"""Reasoning between tags, however the content is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.providers.think_tags import ThinkSplitter


def split(*contents: str) -> tuple[str, str]:
    """Give the reasoning and the text."""
    splitter = ThinkSplitter()
    pieces = [piece for content in contents for piece in splitter.feed(content)] + splitter.close()
    return tuple("".join(text for kind, text in pieces if kind == wanted) for wanted in ("reasoning", "text"))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<think>Hm.</think>Yes", ("Hm.", "Yes")),
        ("\n <think>\nHm.\n</think>\n\nYes", ("Hm.\n", "Yes")),
        ("Yes <think>no</think>", ("", "Yes <think>no</think>")),
        ("<think>Hm", ("Hm", "")),
        ("<think></think>", ("", "")),
        ("<thin", ("", "<thin")),
        ("<think>a < b </thin> c</think>d", ("a < b </thin> c", "d")),
        ("  indented", ("", "  indented")),
        ("", ("", "")),
    ],
)
def test_content_is_split(content: str, expected: tuple[str, str]):
    assert split(content) == expected
    assert split(*content) == expected


@given(st.text(alphabet="<>/thinkx \n", max_size=30), st.integers(0, 40), st.booleans())
def test_the_cut_does_not_matter(content: str, place: int, is_opened: bool):
    whole = f"<think>{content}" if is_opened else content
    assert split(whole[:place], whole[place:]) == split(whole)


def test_it_can_be_told_that_no_tag_comes():
    splitter = ThinkSplitter()
    splitter.be_plain()
    assert splitter.is_plain
    assert splitter.feed("<think>") == [("text", "<think>")]
