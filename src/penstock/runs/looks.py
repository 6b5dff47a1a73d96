"""Looks into a store that many want at once and one has to take: whoever comes while it is under way shares it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
FoundT = TypeVar("FoundT")


class Looks(Generic[KeyT, FoundT]):
    """One look at a time for each key. What it finds may be as old as the look: from before its last sharer came."""

    def __init__(self) -> None:
        """Begin with none."""
        self._looks: dict[KeyT, asyncio.Task[FoundT]] = {}

    def __repr__(self) -> str:
        """Show how many are under way."""
        return f"Looks({len(self)})"

    def __len__(self) -> int:
        """Count those that are under way."""
        return len(self._looks)

    async def share(self, key: KeyT, look: Callable[[], Coroutine[None, None, FoundT]]) -> FoundT:
        """Give what the look under way finds, or what a new one does; raises what it raises."""
        under_way = self._looks.get(key)
        if under_way is None:
            under_way = self._looks[key] = asyncio.create_task(look())
            under_way.add_done_callback(lambda done: self._forget(key, done))
        # Who leaves must not take the look from the others.
        return await asyncio.shield(under_way)

    def _forget(self, key: KeyT, look: asyncio.Task[FoundT]) -> None:
        self._looks.pop(key, None)
        if not look.cancelled():
            look.exception()  # whoever waited has it; nobody may be left
