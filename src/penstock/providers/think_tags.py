"""``<think>...</think>`` at the start of an answer: how self-hosted reasoning models mark what they think."""

from __future__ import annotations

from typing import Final, Literal

_OPEN: Final = "<think>"
_CLOSE: Final = "</think>"

Piece = tuple[Literal["text", "reasoning"], str]


class ThinkSplitter:
    """Splits content, cut anywhere, into text and reasoning. White space around the tags belongs to neither."""

    def __init__(self) -> None:
        """Start before the first character."""
        self._state: Literal["start", "opened", "inside", "after", "text"] = "start"
        self._held = ""

    @property
    def is_plain(self) -> bool:
        """Whether all that follows is text."""
        return self._state == "text"

    def be_plain(self) -> None:
        """Decide that no tag comes: the service marks its reasoning in another way. Only before any content."""
        if self._state == "start" and not self._held:
            self._state = "text"

    def feed(self, content: str) -> list[Piece]:
        """Take content, give pieces in order; what may be the start of a tag is held."""
        pieces: list[Piece] = []
        self._held += content
        if self._state == "start":
            self._leave_start()
        if self._state == "opened":
            self._held = self._held.lstrip()
            self._state = "inside" if self._held else "opened"
        if self._state == "inside":
            self._leave_inside(pieces)
        if self._state == "after":
            self._held = self._held.lstrip()
            self._state = "text" if self._held else "after"
        if self._state == "text" and self._held:
            pieces.append(("text", self._held))
            self._held = ""
        return pieces

    def close(self) -> list[Piece]:
        """Give what was held."""
        held, self._held = self._held, ""
        if not held or self._state in {"opened", "after"}:
            return []
        return [("reasoning" if self._state == "inside" else "text", held)]

    def _leave_start(self) -> None:
        begun = self._held.lstrip()
        if begun.startswith(_OPEN):
            self._held = begun[len(_OPEN) :]
            self._state = "opened"
        elif not _OPEN.startswith(begun):
            self._state = "text"

    def _leave_inside(self, pieces: list[Piece]) -> None:
        thought, tag, rest = self._held.partition(_CLOSE)
        if tag:
            self._state = "after"
            self._held = rest
        else:
            kept = _overlap(thought)
            self._held = thought[len(thought) - kept :]
            thought = thought[: len(thought) - kept]
        if thought:
            pieces.append(("reasoning", thought))


def _overlap(text: str) -> int:
    """How many characters at the end of the text are the start of the closing tag."""
    return next((size for size in range(len(_CLOSE) - 1, 0, -1) if text.endswith(_CLOSE[:size])), 0)
