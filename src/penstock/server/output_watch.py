"""The write deadline of one connection: who does not read is not waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

DROPPED: Final = "penstock.dropped"
"""Key of the scope that is there once the reader was dropped because it did not read."""

_LOOKS: Final = 4
"""How often within the deadline it is looked whether the reader has read anything."""


class OutputWatch:
    """Aborts a transport whose output does not move for a whole deadline; whoever reads slowly stays."""

    def __init__(self, transport: asyncio.Transport, *, deadline_s: float, on_stuck: Callable[[], None]) -> None:
        """Watch nothing yet; ``on_stuck`` is called right before the transport is aborted."""
        self._transport = transport
        self._interval_s = deadline_s / _LOOKS
        self._on_stuck = on_stuck
        self._timer: asyncio.TimerHandle | None = None
        self._unsent_bytes = 0
        self._looks = 0

    def __repr__(self) -> str:
        """Show whether it watches, and how much waits."""
        return f"OutputWatch(is_watching={self._timer is not None}, unsent_bytes={self._unsent_bytes})"

    def start(self) -> None:
        """Watch from now on, until `cancel` or until nothing waits any more."""
        if self._timer is None:
            self._unsent_bytes = self._transport.get_write_buffer_size()
            self._looks = 0
            self._look_again()

    def cancel(self) -> None:
        """Watch no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_again(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._interval_s, self._look)

    def _look(self) -> None:
        unsent_bytes = self._transport.get_write_buffer_size()
        self._looks = self._looks + 1 if unsent_bytes >= self._unsent_bytes else 0
        self._unsent_bytes = unsent_bytes
        self._timer = None
        if unsent_bytes == 0:
            return
        if self._looks < _LOOKS:
            self._look_again()
            return
        self._on_stuck()
        self._transport.abort()
