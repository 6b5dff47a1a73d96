"""What becomes of the runs whose producer died.

One whose service goes on by itself is taken over; every other gets its terminal, with the text that its journal kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from penstock.core.errors import PenstockError
from penstock.core.events import RunInterrupted
from penstock.core.messages import Run
from penstock.core.storage import Claim
from penstock.runs.ending import Bill
from penstock.runs.finish import Finisher
from penstock.runs.ports import Ports

TakeOver = Callable[[Claim], Awaitable[bool]]
"""Goes on with a claimed run; False when its service can't."""

_log = logging.getLogger(__name__)


async def recover(orphans: Iterable[Run], ports: Ports, take_over: TakeOver) -> list[Run]:
    """Claim them, several at a time; gives those that could be neither taken over nor ended, which are logged."""
    gate = asyncio.Semaphore(ports.limits.recovery_width)
    failed: list[Run] = []

    async def recover_one(run: Run) -> None:
        async with gate:
            orphan = _Orphan(run)
            try:
                await orphan.recover(ports, take_over)
            except PenstockError as error:
                _log.warning("Run %s could not be recovered: %r", run.id, error)
                failed.append(orphan.run)
            except Exception:  # noqa: BLE001 - one broken log must not keep the others from their end
                _log.exception("Run %s could not be recovered.", run.id)
                failed.append(orphan.run)

    async with asyncio.TaskGroup() as group:
        for run in orphans:
            group.create_task(recover_one(run))
    return failed


class _Orphan:
    """A run on its way from another instance's to one that goes on here, or has ended."""

    def __init__(self, run: Run) -> None:
        self.run = run

    async def recover(self, ports: Ports, take_over: TakeOver) -> None:
        """Make it this instance's own, and go on with it or end it; nothing happens when another was faster."""
        if self.run.instance != ports.instance:
            claim = await ports.store.claim_run(self.run, ports.instance)
            if claim is None:
                return
            self.run = claim.run
            if await take_over(claim):
                return
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
