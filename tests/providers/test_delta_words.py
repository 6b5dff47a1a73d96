"""The words of one delta; whole streams are cases of ``spec/providers``."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.providers.delta_words import read_words


def test_reasoning_comes_before_text_and_refusal_after_it():
    delta = {"refusal": "No.", "content": "a", "reasoning": "R"}
    assert read_words(delta) == [("reasoning", "R"), ("text", "a"), ("refusal", "No.")]


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning", "reasoning_text", "thinking"])
def test_reasoning_has_several_names(name: str):
    assert read_words({name: "R", "reasoning_details": [{"text": "R"}]}) == [("reasoning", "R")]


@pytest.mark.parametrize("value", [None, 7, "", [], {}, [7, None], [{"text": 7}], {"thinking": [7]}])
def test_what_holds_no_words_gives_none(value: Any):
    assert read_words({"content": value, "reasoning": value, "reasoning_details": value, "refusal": value}) == []
