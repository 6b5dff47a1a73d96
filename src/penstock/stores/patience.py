"""How long a database that is away, or has no connection free, is waited for."""

from __future__ import annotations

import asyncio
from typing import Final

_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 0.5


class Patience:
    """Pauses between attempts, each longer than the one before, within a bound; none for a bound of 0."""

    def __init__(self, bound_s: float) -> None:
        """Begin to count now."""
        self._clock = asyncio.get_running_loop()
        self._until = self._clock.time() + bound_s
        self._pause_s = _FIRST_PAUSE_S

    def __repr__(self) -> str:
        """Show whether it is over."""
        return f"Patience(is_over={self.is_over})"

    @property
    def is_over(self) -> bool:
        """Whether the next pause would end behind the bound."""
        return self._clock.time() + self._pause_s > self._until

    async def pause(self) -> None:
        """Wait before the next attempt."""
        await asyncio.sleep(self._pause_s)
        self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)
