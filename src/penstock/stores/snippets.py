"""A short stretch of a found text, with the words that were looked for marked in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from penstock.core.storage import SnippetPiece

_BEFORE: Final = 48
_LENGTH: Final = 180
_MAPPED: Final = 50_000
"""Longer texts in which folding changes lengths are shown from their beginning: mapping them would take too long."""


def fold(words: str) -> str:
    """Give what is compared: compatible forms made one, case dropped."""
    return unicodedata.normalize("NFKC", words.replace("\0", " ")).casefold()


def cut_snippet(text: str, words: Sequence[str]) -> tuple[SnippetPiece, ...]:
    """Cut the stretch around the first of the (folded) words, at word borders; white space becomes single blanks."""
    marks = _find_marks(text, words)
    start = _word_start(text, max(0, marks[0][0] - _BEFORE)) if marks else 0
    end = _word_end(text, max(start + _LENGTH, marks[0][1] if marks else 0))
    inside = [(first, last) for first, last in marks if first < end]
    return tuple(_pieces(text, start, end, inside))


def _find_marks(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Give where the words stand in the text as it was written, without overlaps."""
    folded = fold(text)
    if len(folded) == len(text):
        places: Sequence[int] = range(len(text) + 1)
    elif len(text) <= _MAPPED:
        places = _places(text)
    else:
        return []
    found = sorted(
        (places[at], places[at + len(word) - 1] + 1)
        for word in words
        for at in _occurrences(folded, word)
        if at + len(word) <= len(places) - 1
    )
    merged: list[tuple[int, int]] = []
    for first, last in found:
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _occurrences(folded: str, word: str) -> Iterator[int]:
    at = folded.find(word)
    while at >= 0:
        yield at
        at = folded.find(word, at + len(word))


def _places(text: str) -> list[int]:
    """Give for each folded character the place of the written one; marks fold together with what carries them."""
    places: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        places.extend([start] * len(fold(text[start:end])))
        start = end
    places.append(len(text))
    return places


def _word_start(text: str, at: int) -> int:
    if at == 0:
        return 0
    blank = next((place for place in range(at, min(at + _BEFORE // 2, len(text))) if text[place].isspace()), at - 1)
    return blank + 1


def _word_end(text: str, at: int) -> int:
    if at >= len(text):
        return len(text)
    return next((place for place in range(at, at - _BEFORE // 2, -1) if text[place].isspace()), at)


def _pieces(text: str, start: int, end: int, marks: Sequence[tuple[int, int]]) -> Iterator[SnippetPiece]:
    lead = "\u2026" if start > 0 else ""
    at = start
    for first, last in marks:
        before = lead + _blank(text[at:first])
        lead = ""
        if before:
            yield SnippetPiece(before)
        yield SnippetPiece(_blank(text[first:last]), is_match=True)
        at = last
    rest = lead + _blank(text[at:end]) + ("\u2026" if end < len(text) else "")
    if rest:
        yield SnippetPiece(rest)


def _blank(text: str) -> str:
    """Give the text with each run of white space as one blank."""
    words = " ".join(text.split())
    lead = " " if text[:1].isspace() else ""
    tail = " " if words and text[-1:].isspace() else ""
    return lead + words + tail
