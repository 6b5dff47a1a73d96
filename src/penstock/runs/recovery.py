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
    """End them as interrupted, several at a time; gives those that could not be ended, which are logged."""
    gate = asyncio.Semaphore(ports.limits.recovery_width)
    failed: list[Run] = []

    async def end_one(run: Run) -> None:
        async with gate:
            try:
                await end_orphan(run, ports)
            except PenstockError as error:
                _log.warning("Run %s could not be recovered: %r", run.id, error)
                failed.append(run)
            except Exception:  # noqa: BLE001 - one broken log must not keep the others from their end
                _log.exception("Run %s could not be recovered.", run.id)
                failed.append(run)

    async with asyncio.TaskGroup() as group:
        for run in orphans:
            group.create_task(end_one(run))
    return failed


async def end_orphan(run: Run, ports: Ports) -> None:
    """End one run whose producer is lost; nothing happens when it has ended by now."""
    bill = Bill(accountant=ports.accountant, provider=_provider(run, ports), prompt=None, was_sent=False)
    terminal = RunInterrupted(cause="producer-lost")
    await Finisher(run, ports).finish_kept(terminal, bill=bill, timings=None, log=None)


def _provider(run: Run, ports: Ports) -> str:
    for info in ports.catalog.list():
        if info.id == run.model:
            return info.provider
    return "unknown"
