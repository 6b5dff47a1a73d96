"""JSON from a model service, which may hold what our own JSON can't: halves of surrogate pairs, NaN, broken UTF-8."""

from __future__ import annotations

import json
from typing import Final, cast

import msgspec

from penstock.core.events import Json

_LARGEST_INTEGER: Final = 2**63 - 1
_MAX_DEPTH: Final = 64
"""Deeper values are cut: nothing a model service means is nested like this."""


def parse_json(payload: bytes) -> Json:
    """Read any JSON value; raises `ValueError` when it is not JSON. Strings may hold lone surrogates."""
    try:
        return msgspec.json.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return json.loads(payload.decode("utf-8", "replace"))
    except RecursionError as error:
        message = "The JSON is nested too deep."
        raise ValueError(message) from error


def scrub_text(text: str) -> str:
    """Replace each lone surrogate by U+FFFD and join the halves of pairs."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def scrub_json(value: Json, depth: int = 0) -> Json:
    """Give the value with all that our own JSON can't hold replaced."""
    if depth > _MAX_DEPTH:
        return None
    match value:
        case str():
            return value if value.isascii() else scrub_text(value)
        case dict():
            return {scrub_text(key): scrub_json(item, depth + 1) for key, item in as_object(value).items()}
        case list():
            return [scrub_json(item, depth + 1) for item in as_list(value)]
        case int() | float() if not abs(value) <= _LARGEST_INTEGER:
            return str(value)
        case _:
            return value


def as_text(value: Json) -> str | None:
    """Give the value when it is a string that is not empty."""
    return value if isinstance(value, str) and value else None


def as_count(value: Json) -> int | None:
    """Give the value when it is a whole number, 0 or greater."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LARGEST_INTEGER:
        return None
    return int(value)


def as_object(value: Json) -> dict[str, Json]:
    """Give the value when it is an object, else an empty one."""
    return cast("dict[str, Json]", value) if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    """Give the value when it is an array, else an empty one."""
    return cast("list[Json]", value) if isinstance(value, list) else []


class SurrogateJoiner:
    """Text in pieces that may end in the first half of a surrogate pair: it is held until its other half comes."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        """Hold nothing."""
        self._held = ""

    @property
    def is_holding(self) -> bool:
        """Whether a half waits."""
        return bool(self._held)

    def feed(self, text: str) -> str:
        """Give the text that is whole; halves that can't find each other become U+FFFD."""
        if not self._held and text.isascii():
            return text
        text = self._held + text
        self._held = ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            self._held = text[-1]
            text = text[:-1]
        return scrub_text(text)

    def close(self) -> str:
        """Give U+FFFD for a half that stays alone, else nothing."""
        held, self._held = self._held, ""
        return "\ufffd" if held else ""
