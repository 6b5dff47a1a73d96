"""A conversation's first title: the first words of what the person asked."""

from __future__ import annotations

from typing import Final

TITLE_LENGTH: Final = 60


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
