"""Logs of runs that are produced elsewhere, kept up to date here while somebody follows them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from penstock.core.errors import CallerError, StoreError
from penstock.core.log import Batch
from penstock.core.messages import Run
from penstock.core.storage import LogEnd
from penstock.runs.live_log import LiveLog
from penstock.runs.ports import Ports

_TAIL_EVENTS: Final = 512

_log = logging.getLogger(__name__)


class Forwarding:
    """Passes on what becomes visible in a live log, while somebody elsewhere wants it."""

    def __init__(self, log: LiveLog) -> None:
        """Begin with nobody."""
        self._log = log
        self._after = -1
        self._hear: Callable[[Batch], None] | None = None

    def __repr__(self) -> str:
        """Show whether somebody wants it."""
        return f"Forwarding({self._log!r}, is_wanted={self._hear is not None})"

    def forward(self, hear: Callable[[Batch], None] | None) -> None:
        """Pass on what comes from now on; to nobody for None."""
        if self._hear is not None:
            self._log.leave(self._pass_on)
            self._log.readers -= 1
        self._hear = hear
        if hear is not None:
            self._after = self._log.next_seq - 1
            self._log.listen(self._pass_on)
            self._log.readers += 1

    def _pass_on(self) -> None:
        for batch in self._log.find(self._after) or ():
            self._after = batch.next_seq - 1
            if self._hear is not None:
                self._hear(batch)


class Mirror:
    """One such log: the bus brings its batches, and the journal what the bus does not bring."""

    def __init__(self, run: Run, log: LiveLog, ports: Ports) -> None:
        """Keep up ``log``, which holds the run's log so far or a part of it."""
        self.run = run
        self.log = log
        self.followers = 0
        self._ports = ports
        self._hint = asyncio.Event()
        self._was_missed = False
        self._is_reading_well = True
        self._unwatch = ports.bus.watch(run.id, self._hear)
        self._keeping_up = asyncio.create_task(self._keep_up(), name=f"mirror {run.id}")

    def __repr__(self) -> str:
        """Show the log and who follows it."""
        return f"Mirror({self.log!r}, followers={self.followers})"

    def close(self) -> None:
        """Keep it up no longer."""
        self._unwatch()
        self._keeping_up.cancel()

    def _hear(self, batch: Batch | None) -> None:
        if batch is not None and batch.first_seq <= self.log.next_seq:
            self._was_missed = False
            self._publish(batch)
            return
        self._hint.set()

    def _publish(self, batch: Batch) -> None:
        rest = batch.after(self.log.next_seq - 1)
        if rest.events and rest.first_seq == self.log.next_seq:
            self.log.publish(rest)

    async def _keep_up(self) -> None:
        try:
            was_told = True
            while not self.log.is_ended:
                self._hint.clear()
                page = await self._read()
                self._was_missed = bool(page) and not was_told
                for batch in page:
                    self._publish(batch)
                was_told = self.log.is_ended or self._hint.is_set() or await self._is_told()
        except CallerError as error:  # the log was swept meanwhile
            self.log.close(error)
        finally:
            self._unwatch()

    async def _read(self) -> list[Batch]:
        """Read a page of the journal, nothing while the database is away."""
        limits = self._ports.limits
        try:
            page = await self._ports.store.read(self.run.id, after=self.log.next_seq - 1, limit=limits.page_batches)
        except StoreError as error:
            if self._is_reading_well:
                _log.warning("Run %s can not be followed now: %r", self.run.id, error)
            self._is_reading_well = False
            return []
        self._is_reading_well = True
        if len(page) == limits.page_batches:
            self._hint.set()
        return page

    async def _is_told(self) -> bool:
        """Wait for a word of the bus; without one, look soon, or now and again when the bus brings everything."""
        limits = self._ports.limits
        is_reliable = self._ports.bus.is_connected and not self._was_missed and self._is_reading_well
        try:
            async with asyncio.timeout(limits.calm_poll_s if is_reliable else limits.poll_s):
                await self._hint.wait()
        except TimeoutError:
            return False
        return True


class Mirrors:
    """All mirrors of this process: one per run, however many follow it."""

    def __init__(self, ports: Ports) -> None:
        """Begin with none."""
        self._ports = ports
        self._mirrors: dict[str, Mirror] = {}

    def __repr__(self) -> str:
        """Show how many there are."""
        return f"Mirrors({len(self._mirrors)})"

    def __len__(self) -> int:
        """Count them."""
        return len(self._mirrors)

    def find(self, owner: str, run_id: str) -> Mirror | None:
        """Give the mirror of the owner's run."""
        mirror = self._mirrors.get(run_id)
        return mirror if mirror is not None and mirror.run.owner == owner else None

    def open(self, run: Run, end: LogEnd) -> Mirror:
        """Give the run's mirror; a new one begins not far from the end of the log.

        Who comes back to a run seldom comes alone: what any of them missed is in memory then for all of them.
        """
        mirror = self._mirrors.get(run.id)
        if mirror is None:
            next_seq = max(0, end.next_seq - _TAIL_EVENTS)
            log = LiveLog(self._ports.limits.live_log_bytes, next_seq=next_seq)
            mirror = self.keep(run, log)
        return mirror

    def keep(self, run: Run, log: LiveLog) -> Mirror:
        """Keep up a log that has followers and no producer here any more."""
        mirror = self._mirrors[run.id] = Mirror(run, log, self._ports)
        self._let_go_later(mirror)
        return mirror

    def hold(self, mirror: Mirror) -> Callable[[], None]:
        """Count a follower; the result, to be called once, counts it no longer."""
        mirror.followers += 1

        def release() -> None:
            mirror.followers -= 1
            self._let_go_later(mirror)

        return release

    def take(self, run_id: str) -> LiveLog | None:
        """Give the run's log away to a producer here, who keeps it up from now on."""
        mirror = self._mirrors.pop(run_id, None)
        if mirror is None:
            return None
        mirror.close()
        return mirror.log

    def close(self) -> None:
        """Close all."""
        for run_id in tuple(self._mirrors):
            self.take(run_id)

    def _let_go_later(self, mirror: Mirror) -> None:
        """Close it after a moment in which nobody came."""
        if not mirror.followers:
            asyncio.get_running_loop().call_later(self._ports.limits.linger_s, self._let_go, mirror)

    def _let_go(self, mirror: Mirror) -> None:
        if not mirror.followers and self._mirrors.get(mirror.run.id) is mirror:
            self.take(mirror.run.id)
