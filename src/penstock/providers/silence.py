"""Notices that a service has been silent for too long, at the cost of one attribute per token."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class SilenceWatch:
    """Calls ``on_silence`` once, when `touch` was not called for as long as the present limit.

    One timer that is set again when it fires early: setting one per token would cost 2 us each.
    """

    def __init__(self, limit_s: float, on_silence: Callable[[], None]) -> None:
        """Begin to watch."""
        self._loop = asyncio.get_running_loop()
        self._on_silence = on_silence
        self._limit_s = limit_s
        self._touched_at = self._loop.time()
        self._timer = self._loop.call_later(limit_s, self._look)

    def __repr__(self) -> str:
        """Show the limit."""
        return f"SilenceWatch(limit_s={self._limit_s})"

    def touch(self) -> None:
        """Note that something came."""
        self._touched_at = self._loop.time()

    def change(self, limit_s: float) -> None:
        """Watch with another limit from now on."""
        self.touch()
        if limit_s != self._limit_s:
            self._limit_s = limit_s
            self._timer.cancel()
            self._timer = self._loop.call_later(limit_s, self._look)

    def cancel(self) -> None:
        """Watch no longer."""
        self._timer.cancel()

    def _look(self) -> None:
        left_s = self._touched_at + self._limit_s - self._loop.time()
        if left_s > 0:
            self._timer = self._loop.call_later(left_s, self._look)
        else:
            self._on_silence()
