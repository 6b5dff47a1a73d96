"""Reading untyped JSON strictly: every complaint is a `CallerError` that names the field by its dotted path.

A field that is absent and one that is null are the same. Unknown fields are nobody's business: clients send many.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final, TypeVar, cast

from penstock.core.errors import CallerError
from penstock.core.events import Json

T = TypeVar("T")

MAX_TEXT: Final = 2_000_000
"""Characters of one text."""
MAX_NAME: Final = 200
"""Characters of an id, a model, a tool's name."""


def complain(path: str, problem: str) -> CallerError:
    """Make the error that names the field: ``problem`` goes on after the path, and ends the sentence."""
    return CallerError(f"`{path}` {problem}." if path else f"The body {problem}.", field=path or None)


def read_text(value: Json, path: str, *, limit: int = MAX_TEXT) -> str:
    """Give the value as text that every store and service can take: bounded, valid Unicode, without NUL."""
    if not isinstance(value, str):
        raise complain(path, "must be a string")
    if len(value) > limit:
        raise complain(path, f"is longer than {limit} characters")
    if "\0" in value:
        raise complain(path, "contains a NUL character")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise complain(path, "contains half of a surrogate pair, which is not valid Unicode") from None
    return value


def read_list(value: Json, path: str, *, limit: int) -> list[Json]:
    """Give the value as a bounded list."""
    if not isinstance(value, list):
        raise complain(path, "must be a list")
    items = cast("list[Json]", value)
    if len(items) > limit:
        raise complain(path, f"has more than {limit} entries")
    return items


class Fields:
    """One JSON object and where it stands in the body."""

    def __init__(self, value: Json, path: str = "") -> None:
        """Take the value; raises `CallerError` when it is no object."""
        if not isinstance(value, Mapping):
            raise complain(path, "must be a JSON object")
        self._values = cast("Mapping[str, Json]", value)
        self._path = path

    def __repr__(self) -> str:
        """Show the path and the names."""
        return f"Fields({self._path!r}, {list(self._values)!r})"

    def path(self, name: str) -> str:
        """Give the dotted path of a field."""
        return f"{self._path}.{name}" if self._path else name

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._values.get(name) is not None

    def get(self, name: str) -> Json:
        """Give the field as it stands."""
        return self._values.get(name)

    def text(self, name: str, *, limit: int = MAX_TEXT) -> str | None:
        """Give an optional text."""
        return read_text(self.get(name), self.path(name), limit=limit) if self.has(name) else None

    def name(self, name: str) -> str | None:
        """Give an optional short text that is not empty: an id or a name."""
        text = self.text(name, limit=MAX_NAME)
        if text is not None and not text.strip():
            raise complain(self.path(name), "is empty")
        return text

    def required_name(self, name: str) -> str:
        """Give a short text that must be there."""
        text = self.name(name)
        if text is None:
            raise complain(self.path(name), "is missing")
        return text

    def number(self, name: str, *, low: float, high: float) -> float | None:
        """Give an optional finite number within the bounds."""
        value = self.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise complain(self.path(name), "must be a number")
        # Compared before it is converted: a JSON integer may be too big for a float.
        if (isinstance(value, float) and math.isnan(value)) or not low <= value <= high:
            raise complain(self.path(name), f"must be a number from {low:g} to {high:g}")
        return float(value)

    def integer(self, name: str, *, low: int, high: int) -> int | None:
        """Give an optional whole number within the bounds."""
        value = self.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise complain(self.path(name), "must be a whole number")
        if not low <= value <= high:
            raise complain(self.path(name), f"must be a whole number from {low} to {high}")
        return value

    def flag(self, name: str) -> bool | None:
        """Give an optional true or false."""
        value = self.get(name)
        if value is not None and not isinstance(value, bool):
            raise complain(self.path(name), "must be true or false")
        return value

    def items(self, name: str, *, limit: int) -> list[Json]:
        """Give a list, empty when it is absent."""
        return read_list(self.get(name), self.path(name), limit=limit) if self.has(name) else []

    def each(self, name: str, read: Callable[[Fields], T | None], *, limit: int) -> tuple[T, ...]:
        """Read each object of a list, empty when it is absent; what ``read`` gives None for is left out."""
        path = self.path(name)
        values = (read(Fields(item, f"{path}[{i}]")) for i, item in enumerate(self.items(name, limit=limit)))
        return tuple(value for value in values if value is not None)

    def choice(self, name: str, allowed: tuple[str, ...]) -> str | None:
        """Give an optional word out of a fixed list."""
        value = self.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or value not in allowed:
            raise complain(self.path(name), f"must be one of {', '.join(allowed)}")
        return value
