"""Text to tokens, by a rule of thumb: up to eight letters with the space before them, or a mark, or a run of spaces.

No tokenizer's vocabulary is shipped for this: the emulator bills what it sends, so its own rule is the truth here.
``"".join(split(text)) == text`` holds for every text.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r" ?\w{1,8}|\s+|[^\w\s]")
_PER_MESSAGE = 3


def split(text: str) -> list[str]:
    """Cut a text into tokens; joined they are the text again."""
    return _TOKEN.findall(text)


def count_prompt(texts: list[str]) -> int:
    """Count a prompt's tokens: those of each message, three for each frame, three for the reply's start."""
    return sum(len(split(text)) + _PER_MESSAGE for text in texts) + _PER_MESSAGE
