"""The broom: drops logs past their retention time, and ends runs that could not be ended when they should have been."""

from __future__ import annotations

import asyncio
import logging

from penstock.core.errors import StoreError
from penstock.core.messages import Run
from penstock.runs.ports import Ports
from penstock.runs.recovery import end_orphans

_log = logging.getLogger(__name__)


class Sweeper:
    """Sweeps at an interval, until it is cancelled."""

    def __init__(self, ports: Ports) -> None:
        """Start with nothing to end."""
        self._ports = ports
        self._abandoned: dict[str, Run] = {}

    def __repr__(self) -> str:
        """Show how many runs wait for their end."""
        return f"Sweeper(abandoned={len(self._abandoned)})"

    def adopt(self, run: Run) -> None:
        """Take on a run that its producer could not end."""
        self._abandoned[run.id] = run

    async def run(self) -> None:
        """Sweep for ever."""
        while True:
            await asyncio.sleep(self._ports.limits.sweep_s)
            await self.sweep()

    async def sweep(self) -> int:
        """Sweep once; gives how many journal rows went. A refusal of the store is logged: the next turn comes."""
        waiting, self._abandoned = self._abandoned, {}
        for run in await end_orphans(waiting.values(), self._ports):
            self.adopt(run)
        try:
            ended_before = self._ports.clock.now() - self._ports.limits.retention_s
            return await self._ports.store.sweep(ended_before=ended_before)
        except StoreError as error:
            _log.warning("Old logs could not be swept yet: %r", error)
            return 0
