"""What the emulator has seen: streams opened, finished, and closed early by the client, with precise times.

Times are `time.monotonic_ns`, which all processes of one Linux machine share: a test outside can subtract its own.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

from msgspec import Struct

_KEPT_CLOSINGS = 10_000


class Closing(Struct, frozen=True, kw_only=True):
    """A request whose socket the client closed before the answer was whole."""

    id: str
    deployment: str
    opened_ns: int
    closed_ns: int
    tokens_sent: int
    finished: bool
    """True if all of the answer had already been handed to the socket."""


class OpenAnswer:
    """One answer under way; counts what leaves."""

    def __init__(self, ident: str, deployment: str) -> None:
        self.id = ident
        self.deployment = deployment
        self.opened_ns = time.monotonic_ns()
        self.tokens_sent = 0
        self.is_sent = False
        self.is_cut_by_us = False


class Tally:
    """Counts over the life of one emulator."""

    def __init__(self) -> None:
        self.open = 0
        self.opened = 0
        self.finished = 0
        self.closed_early = 0
        self.tokens_sent_after_close = 0
        self.cancelled_responses = 0
        """Background responses that a call ended, not a closed connection."""
        self.is_shutting_down = False
        self.closings: deque[Closing] = deque(maxlen=_KEPT_CLOSINGS)
        self._changed = asyncio.Event()

    async def until(self, is_so: Callable[[], object]) -> None:
        """Wait until the counts make this true; asked again whenever an answer began or ended."""
        while not is_so():
            await self._changed.wait()

    def begin(self, ident: str, deployment: str) -> OpenAnswer:
        """Note that an answer begins."""
        self.open += 1
        self.opened += 1
        self._tell()
        return OpenAnswer(ident, deployment)

    def end(self, answer: OpenAnswer, *, is_closed_by_client: bool) -> None:
        """Note that an answer ended, now."""
        closed_ns = time.monotonic_ns()
        self.open -= 1
        if is_closed_by_client and not self.is_shutting_down:
            self.closed_early += 1
            self.closings.append(
                Closing(
                    id=answer.id,
                    deployment=answer.deployment,
                    opened_ns=answer.opened_ns,
                    closed_ns=closed_ns,
                    tokens_sent=answer.tokens_sent,
                    finished=answer.is_sent,
                )
            )
        else:
            self.finished += 1
        self._tell()

    def _tell(self) -> None:
        """Wake who waits; an event of its own for each change, so that nobody has to clear it."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


class Stats(Struct, frozen=True, kw_only=True):
    """The body of ``GET /emulator/stats``."""

    open: int
    opened: int
    finished: int
    closed_early: int
    tokens_sent_after_close: int
    cancelled_responses: int = 0
    closings: list[Closing]


def stats_of(tally: Tally) -> Stats:
    """Give the counts as they are now."""
    return Stats(
        open=tally.open,
        opened=tally.opened,
        finished=tally.finished,
        closed_early=tally.closed_early,
        tokens_sent_after_close=tally.tokens_sent_after_close,
        cancelled_responses=tally.cancelled_responses,
        closings=list(tally.closings),
    )
