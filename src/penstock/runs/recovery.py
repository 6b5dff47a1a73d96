"""Ends the runs whose producer died: each gets its terminal, with the text that its journal kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from penstock.core.errors import PenstockError
from penstock.core.events import RunInterrupted
from penstock.core.messages import Run
from penstock.runs.ending import Bill
from penstock.runs.finish import Finisher
from penstock.runs.ports import Ports

_log = logging.getLogger(__name__)


async def end_orphans(orphans: Iterable[Run], ports: Ports) -> list[Run]:
    """Claim and end them as interrupted, several at a time; gives those that could not be ended, which are logged."""
    gate = asyncio.Semaphore(ports.limits.recovery_width)
    failed: list[Run] = []

    async def end_one(run: Run) -> None:
        async with gate:
            orphan = _Orphan(run)
            try:
                await orphan.end(ports)
            except PenstockError as error:
                _log.warning("Run %s could not be recovered: %r", run.id, error)
                failed.append(orphan.run)
            except Exception:  # noqa: BLE001 - one broken log must not keep the others from their end
                _log.exception("Run %s could not be recovered.", run.id)
                failed.append(orphan.run)

    async with asyncio.TaskGroup() as group:
        for run in orphans:
            group.create_task(end_one(run))
    return failed


class _Orphan:
    """A run on its way from another instance's to an ended one."""

    def __init__(self, run: Run) -> None:
        self.run = run

    async def end(self, ports: Ports) -> None:
        """Make it this instance's own, and end it; nothing happens when it ended, or another was faster."""
        if self.run.instance != ports.instance:
            claim = await ports.store.claim_run(self.run, ports.instance)
            if claim is None:
                return
            self.run = claim.run
        await end_orphan(self.run, ports)


async def end_orphan(run: Run, ports: Ports) -> None:
    """End one run of this instance that nobody produces; nothing happens when it has ended by now."""
    bill = Bill(accountant=ports.accountant, provider=_provider(run, ports), prompt=None, was_sent=False)
    terminal = RunInterrupted(cause="producer-lost")
    await Finisher(run, ports).finish_kept(terminal, bill=bill, timings=None, log=None)


def _provider(run: Run, ports: Ports) -> str:
    for info in ports.catalog.list():
        if info.id == run.model:
            return info.provider
    return "unknown"
