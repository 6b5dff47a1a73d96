"""The emulator's own rule of tokens loses nothing and counts alike everywhere."""

from __future__ import annotations

import pytest

from penstock.emulator.tokens import count_prompt, split


@pytest.mark.parametrize(
    "text", ["", "a", "  a  b\n\n", "überaus-langes_Wort", "日本語のテキスト", "a\u0301\u200d👩‍👩‍👧\r\n\t"]
)
def test_tokens_joined_are_the_text(text: str):
    assert "".join(split(text)) == text
    assert count_prompt([text]) == len(split(text)) + 6
