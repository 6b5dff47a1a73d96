"""Tables of a dialect's writers: which one an event of the log has. Of any dialect's words nothing stands here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from types import UnionType
from typing import Final, TypeVar, get_args

from penstock.core import events as e

T = TypeVar("T")

PART_BOUNDS: Final = (
    e.TextStarted | e.TextEnded | e.ReasoningStarted | e.ReasoningEnded | e.RefusalStarted | e.RefusalEnded
)
"""Where a part begins and ends: of no interest to a dialect that shows words as they come."""


def make_table(
    writers: Mapping[type | UnionType, Callable[..., T]], *, silent: Iterable[type | UnionType] = (), nothing: T
) -> dict[type, Callable[..., T]]:
    """Give one writer for every event; those in ``silent`` have no word in the dialect, and give ``nothing``.

    Unions stand for each of their events. Raises `TypeError` when an event has no writer or more than one: the silent
    ones are named too, so that a new event is decided upon in every dialect, and never lost by default.
    """

    def skip(*_: object) -> T:
        return nothing

    kinds: list[tuple[type | UnionType, Callable[..., T]]] = [*writers.items(), *((kind, skip) for kind in silent)]
    entries = [(event, writer) for kind, writer in kinds for event in _members(kind)]
    named, expected = Counter(event for event, _ in entries), Counter(_members(e.Event))
    wrong = (named - expected) + (expected - named)
    if wrong:
        message = f"Each event has one writer or is silent: look at {', '.join(event.__name__ for event in wrong)}."
        raise TypeError(message)
    return dict(entries)


def _members(kind: type | UnionType) -> tuple[type, ...]:
    return (kind,) if isinstance(kind, type) else get_args(kind)
