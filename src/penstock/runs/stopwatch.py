"""The times of one answer, taken from the batches as they arrive."""

from __future__ import annotations

from typing import Final

from penstock.core.events import (
    Event,
    Progress,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
)
from penstock.core.ports import Clock
from penstock.core.usage import Timings

_ANSWERS: Final = frozenset({TextDelta, RefusalDelta, ToolCallDelta})


class Stopwatch:
    """Takes the times from the begin of the run; once the answer has begun, `see` costs one comparison."""

    def __init__(self, clock: Clock, begun_at: float) -> None:
        """Start at ``begun_at``, monotonic seconds."""
        self._clock = clock
        self._begun_at = begun_at
        self._first_event_ms: float | None = None
        self._first_token_ms: float | None = None
        self._reasoning_at_ms: float | None = None
        self._answer_at_ms: float | None = None

    def __repr__(self) -> str:
        """Show what was taken."""
        return f"Stopwatch(first_event_ms={self._first_event_ms}, first_token_ms={self._first_token_ms})"

    def see(self, events: tuple[Event, ...]) -> None:
        """Take the times that this batch brings."""
        if self._answer_at_ms is None:
            self._see(events, self._now_ms())

    def read(self) -> Timings:
        """Give the times, with the total up to now."""
        total_ms = self._now_ms()
        reasoning_ms = None
        if self._reasoning_at_ms is not None:
            reasoning_ms = (self._answer_at_ms or total_ms) - self._reasoning_at_ms
        return Timings(
            first_event_ms=_rounded(self._first_event_ms),
            first_token_ms=_rounded(self._first_token_ms),
            reasoning_ms=_rounded(reasoning_ms),
            total_ms=_rounded(total_ms),
        )

    def _see(self, events: tuple[Event, ...], now_ms: float) -> None:
        for event in events:
            kind = type(event)
            if self._first_event_ms is None and kind is not Progress:
                self._first_event_ms = now_ms
            if kind is ReasoningDelta:
                self._reasoning_at_ms = self._reasoning_at_ms or now_ms
                self._first_token_ms = self._first_token_ms or now_ms
            elif kind in _ANSWERS:
                self._answer_at_ms = now_ms
                self._first_token_ms = self._first_token_ms or now_ms
                return

    def _now_ms(self) -> float:
        return (self._clock.monotonic() - self._begun_at) * 1000


def _rounded(duration_ms: float | None) -> float | None:
    return None if duration_ms is None else round(duration_ms, 2)
