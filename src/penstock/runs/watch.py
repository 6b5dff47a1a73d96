"""The watch: says that this instance lives, and looks after runs whose producer does not.

A run's producer can be lost in three ways. Its instance died: then its lease runs out, and another instance claims the
run. The instance was thought dead (it was paused, or cut off): then the run is somebody else's when it wakes, and it
lets go. The producer itself failed, or never began: then the run is ours in the database, and nobody produces it here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence

from penstock.core.errors import CallerError, StoreError
from penstock.core.messages import Run
from penstock.core.storage import LiveRun
from penstock.runs.ports import Ports
from penstock.runs.roster import Roster

_log = logging.getLogger(__name__)


class Watch:
    """Looks at an interval, until it is closed."""

    def __init__(
        self, ports: Ports, roster: Roster, recover: Callable[[Sequence[Run]], Coroutine[None, None, Sequence[Run]]]
    ) -> None:
        """``recover`` looks after orphans, and gives those that are to be tried again."""
        self._ports = ports
        self._roster = roster
        self._recover = recover
        self._strays: frozenset[str] = frozenset()
        self._is_store_away = False
        self._watching: asyncio.Task[None] | None = None
        self._recovering: asyncio.Task[Sequence[Run]] | None = None

    def __repr__(self) -> str:
        """Show what it waits for."""
        return f"Watch(strays={len(self._strays)}, is_store_away={self._is_store_away})"

    async def start(self) -> int:
        """Begin the lease, look after what there is at once, and go on looking; gives how many were lost before."""
        count = await self._begin()
        self._watching = asyncio.create_task(self._watch(), name="watch")
        return count

    async def _begin(self) -> int:
        """Begin the lease, and recover, once the store takes both."""
        for delay_s in self._ports.limits.start_delays_s:
            try:
                return await self._begin_once()
            except StoreError as error:
                if not error.is_retryable:
                    raise
                _log.warning("This instance could not begin its lease yet: %r", error)
            await asyncio.sleep(delay_s)
        return await self._begin_once()

    async def _begin_once(self) -> int:
        await self._ports.store.renew_lease(self._ports.instance, lease_s=self._ports.limits.lease_s)
        return await self.recover()

    async def recover(self) -> int:
        """Look after the runs of dead instances now; gives how many are not lost any more."""
        orphans = await self._ports.store.list_orphans(self._ports.instance)
        return len(orphans) - len(await self._recover(orphans))

    async def close(self) -> None:
        """Give up the lease: what is still live here may be taken over at once."""
        for task in (self._watching, self._recovering):
            if task is not None:
                task.cancel()
                await asyncio.wait((task,))
        if self._watching is not None:
            self._watching = None
            with contextlib.suppress(StoreError):
                await self._ports.store.end_lease(self._ports.instance)

    async def look(self) -> None:
        """Look once. A refusal of the store is logged, once: the next turn comes."""
        try:
            await self._look()
        except StoreError as error:
            if not self._is_store_away:
                _log.warning("This instance could not renew its lease: %r", error)
            self._is_store_away = True
        else:
            self._is_store_away = False

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._ports.limits.watch_s)
            try:
                await self.look()
            except Exception:  # noqa: BLE001 - one defect must not end the watch: every run of this instance hangs on it
                _log.exception("The watch stumbled.")

    async def _look(self) -> None:
        store, instance = self._ports.store, self._ports.instance
        asked_of = {producer.run.id for producer in self._roster.live}
        own = await store.renew_lease(instance, lease_s=self._ports.limits.lease_s)
        self._compare(asked_of, own)
        if self._recovering is not None and not self._recovering.done():
            return
        orphans = [*await store.list_orphans(instance), *await self._find_strays(own)]
        if orphans:
            self._recovering = asyncio.create_task(self._recover(orphans), name="recover")

    def _compare(self, asked_of: Iterable[str], own: Sequence[LiveRun]) -> None:
        """Stop what was asked to stop while no bus could say so, and let go of what is another's."""
        kept = {run.run_id: run for run in own}
        for producer in self._roster.live:
            run = kept.get(producer.run.id)
            if run is not None and run.is_stop_requested:
                producer.stop("user")
            elif run is None and producer.run.id in asked_of and not producer.is_ending:
                producer.lose()

    async def _find_strays(self, own: Sequence[LiveRun]) -> list[Run]:
        """Give our runs that nobody produces, seen at two looks: one that ended since the list was made is none."""
        strays = {run.run_id: run.owner for run in own if not self._roster.has(run.run_id)}
        found: list[Run] = []
        for run_id in self._strays.intersection(strays):
            with contextlib.suppress(CallerError):
                run = await self._ports.store.get_run(strays[run_id], run_id)
                if run.is_live:
                    found.append(run)
        self._strays = frozenset(strays)
        return found
