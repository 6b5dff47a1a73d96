"""Reading a run's log from an offset on: a cursor and at most one future, over the live log and the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from penstock.core.log import Batch
from penstock.runs.live_log import LiveLog, size_bytes
from penstock.runs.pages import Page
from penstock.runs.ports import Ports


class Follower:
    """Gives every batch behind its offset once, in order, as soon as it is durable."""

    def __init__(
        self, run_id: str, after: int, *, log: LiveLog, ports: Ports, release: Callable[[], None] | None = None
    ) -> None:
        """Follow the live log, with the journal for what it has not in memory; ``release`` is called at the close."""
        self._run_id = run_id
        self._after = after
        self._log = log
        self._pages = ports.pages
        self._limits = ports.limits
        self._release = release
        self._page: Page | None = None
        """Held as long as some of it is to be given, so that others at the same place share it."""
        self._rest: Sequence[Batch] = ()
        self._future: asyncio.Future[None] | None = None
        self._is_nudged = False
        self._is_closed = False
        self.is_ended = log.is_ended and after + 1 == log.next_seq
        """Whether the terminal was read."""
        log.readers += 1

    def __repr__(self) -> str:
        """Show the place in the log."""
        return f"Follower({self._run_id!r}, after={self._after}, is_ended={self.is_ended})"

    @property
    def after(self) -> int:
        """The offset of the last event given."""
        return self._after

    async def read(self) -> list[Batch]:
        """Wait for at least one batch and give all that are ready, up to the limits of one read.

        Empty only after `nudge` or `close`, or when the run has ended. Raises `UnavailableError` when the producer
        had to give up, and `GoneError` once the log was swept.
        """
        has_waited = False
        while not (self._is_closed or self.is_ended):
            found = await self._find()
            is_nudged, self._is_nudged = self._is_nudged, False
            if found:
                if not has_waited:
                    # Replaying a backlog awaits nothing else; without this turn it would hold the loop.
                    await asyncio.sleep(0)
                return self._take(found)
            if is_nudged:
                return []
            if self._log.error is not None:
                raise self._log.error
            await self._wait()
            has_waited = True
        return []

    async def pour(self, take: Callable[[list[Batch]], bool]) -> None:
        """Hand every batch that comes to ``take`` at the moment it is visible, without a task in between.

        Returns once ``take`` gives False (it took the batches, and wants no more for now), when there is a backlog, and
        after whatever makes `read` return or raise: so call `read` next. An error of ``take`` is raised here.
        """
        log = self._log
        if self._is_closed or self.is_ended or self._after + 1 != log.next_seq:
            return
        future = self._future = asyncio.get_running_loop().create_future()

        def pass_on() -> None:
            if future.done():
                return
            try:
                found = log.find(self._after)
                if not found or not take(self._take(found)) or self.is_ended or self._after + 1 != log.next_seq:
                    future.set_result(None)
            except Exception as error:  # noqa: BLE001 - it belongs to who pours, not to who publishes
                future.set_exception(error)

        log.listen(pass_on)
        try:
            await future
        finally:
            log.leave(pass_on)
            self._future = None

    def nudge(self) -> None:
        """Make a waiting `read` give what there is, also when that is nothing; does nothing when none waits."""
        if self._future is not None and not self._future.done():
            self._is_nudged = True
            self._future.set_result(None)

    def forget(self) -> None:
        """Let go of what was read ahead of what was given: for a reader who is slow to take it."""
        self._page, self._rest = None, ()

    def close(self) -> None:
        """Leave. A waiting `read` gives an empty list; the run goes on. Again is no error."""
        if not self._is_closed:
            self._log.readers -= 1
        self._is_closed = True
        if self._release is not None:
            self._release()
            self._release = None
        if self._future is not None and not self._future.done():
            self._future.set_result(None)

    async def _find(self) -> Sequence[Batch]:
        found = self._log.find(self._after)
        if found is not None:
            self._page, self._rest = None, ()
            return found
        if not self._rest:
            self._page = await self._pages.read(self._run_id, self._after)
            self._rest = self._page.batches
        return self._rest

    def _take(self, found: Sequence[Batch]) -> list[Batch]:
        taken = [found[0]] if len(found) == 1 else self._bounded(found)
        self._rest = self._rest[len(taken) :]
        self._after = taken[-1].next_seq - 1
        self.is_ended = taken[-1].is_terminal
        return taken

    def _bounded(self, found: Sequence[Batch]) -> list[Batch]:
        taken: list[Batch] = []
        room = self._limits.read_bytes
        for batch in found[: self._limits.read_batches]:
            taken.append(batch)
            room -= size_bytes(batch)
            if room <= 0:
                break
        return taken

    async def _wait(self) -> None:
        self._future = self._log.wait()
        try:
            await self._future
        finally:
            # A publish has emptied the list already; this is for a nudge, a close and a cancelled reader.
            self._log.forget(self._future)
            self._future = None
