"""JSON that our own JSON cannot hold."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.providers.foreign_json import SurrogateJoiner, as_count, parse_json, scrub_json

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=[]), max_size=8)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    )
)
def test_what_is_scrubbed_can_be_written(value: Any):
    msgspec.json.decode(msgspec.json.encode(scrub_json(value)))


@given(ANY_TEXT, st.integers(0, 8))
def test_joined_text_is_what_utf_16_means(text: str, place: int):
    joiner = SurrogateJoiner()
    joined = joiner.feed(text[:place]) + joiner.feed(text[place:]) + joiner.close()
    assert joined == text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@pytest.mark.parametrize("payload", [b"", b"{", b"[1,]", b"{'a': 1}", b"\x00"])
def test_what_is_no_json_is_refused(payload: bytes):
    with pytest.raises(json.JSONDecodeError):
        parse_json(payload)


def test_broken_utf_8_is_read():
    assert parse_json(b'"a\xff"') == "a\ufffd"


@pytest.mark.parametrize(
    ("value", "count"), [(3, 3), (3.0, 3), (-1, None), (True, None), ("3", None), (float("nan"), None)]
)
def test_counts(value: Any, count: int | None):
    assert as_count(value) == count
