"""Titles of conversations: the first words of what the person asked, and what a model suggests instead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from penstock.core.messages import AttachmentPart, Part
from penstock.runs.prompt import text_of

TITLE_LENGTH: Final = 60
_WRAPPING: Final = " \t\"'`*_#.\u201c\u201d\u2018\u2019\u201e\u00ab\u00bb"
"""What models like to put around a title."""


def words_of(parts: Iterable[Part]) -> str:
    """Give what a message can be named after: its text, or else the names of its files."""
    parts = tuple(parts)
    text = text_of(parts)
    return text if text.strip() else ", ".join(part.name for part in parts if isinstance(part, AttachmentPart))


def title_from(text: str) -> str | None:
    """Give the first whole words that fit; a single word longer than a title is cut, and no words are no title."""
    title = ""
    # Only the beginning is looked at: a pasted book has no right to the event loop.
    for word in text[: TITLE_LENGTH * 20].split():
        longer = f"{title} {word}" if title else word
        if len(longer) > TITLE_LENGTH:
            break
        title = longer
    words = text[: TITLE_LENGTH * 20].split(maxsplit=1)
    return title or (words[0][:TITLE_LENGTH] if words else None)


def clean_title(answer: str) -> str | None:
    """Give the title in a model's answer: its first line, without what stands around it; None when nothing is left."""
    lines = (line.strip(_WRAPPING) for line in answer[: TITLE_LENGTH * 20].splitlines())
    first = next((line for line in lines if line), "")
    label, colon, rest = first.partition(":")
    return title_from(rest.strip(_WRAPPING) if colon and label.casefold() == "title" else first)
