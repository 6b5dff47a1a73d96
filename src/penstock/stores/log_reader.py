"""Reading logs in groups: readers who come while a pass over the journal is under way share the next one.

A row of the journal holds many runs, so one pass for many readers costs hardly more than one for one: when a hundred
clients return at once after a restart, the journal is scanned a few times, not a hundred.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from penstock.core.log import Batch
from penstock.stores.journal import LogAnswer, LogRead

_GROUP_SIZE: Final = 64
"""Logs in one pass; all of them are in memory together."""


class LogReader:
    """Gathers reads; one pass at a time."""

    def __init__(self, scan: Callable[[Sequence[LogRead]], Awaitable[Sequence[LogAnswer]]]) -> None:
        """``scan`` reads many logs in one pass."""
        self._scan = scan
        self._waiting: list[tuple[LogRead, asyncio.Future[list[Batch]]]] = []
        self._passes: asyncio.Task[None] | None = None

    async def read(self, read: LogRead) -> list[Batch]:
        """Give the batches of one log."""
        waiter: asyncio.Future[list[Batch]] = asyncio.get_running_loop().create_future()
        self._waiting.append((read, waiter))
        if self._passes is None:
            self._passes = asyncio.create_task(self._pass_over())
        return await waiter

    async def _pass_over(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:_GROUP_SIZE], self._waiting[_GROUP_SIZE:]
                await self._serve(group)
        finally:
            self._passes = None

    async def _serve(self, group: Sequence[tuple[LogRead, asyncio.Future[list[Batch]]]]) -> None:
        answers: Sequence[list[Batch] | Exception]
        try:
            answers = await self._scan([read for read, _ in group])
        except Exception as error:  # noqa: BLE001 - whatever it is, the readers wait for it
            answers = [error] * len(group)
        for (_, waiter), answer in zip(group, answers, strict=True):
            if waiter.done():
                continue
            if isinstance(answer, list):
                waiter.set_result(answer)
            else:
                waiter.set_exception(answer)
