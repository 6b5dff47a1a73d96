"""Reading logs in groups: readers who come while a pass over the journal is under way share the next one.

A row of the journal holds many runs, so one pass for many readers costs hardly more than one for one: when a hundred
clients return at once after a restart, the journal is scanned a few times, not a hundred. Who reads a log in pages
goes on at the row where the page before ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from penstock.core.log import Batch
from penstock.stores.log_scan import LogAnswer, LogPage, LogRead

_GROUP_SIZE: Final = 64
"""Logs in one pass; all of them are in memory together."""

_BOOKMARKS: Final = 1024
"""Runs of which the place of the last page is remembered."""

_Reader = tuple[LogRead, asyncio.Future[list[Batch]]]


class LogReader:
    """Gathers reads; one pass at a time."""

    def __init__(self, scan: Callable[[Sequence[LogRead]], Awaitable[Sequence[LogAnswer]]]) -> None:
        """``scan`` reads many logs in one pass."""
        self._scan = scan
        self._waiting: list[_Reader] = []
        self._passes: asyncio.Task[None] | None = None
        self._bookmarks: dict[str, tuple[int, int]] = {}

    async def read(self, run_id: str, *, after: int, limit: int | None) -> list[Batch]:
        """Give the batches of one log."""
        waiter: asyncio.Future[list[Batch]] = asyncio.get_running_loop().create_future()
        seq, row = self._bookmarks.get(run_id, (-1, 0))
        read = LogRead(run_id, after, limit, from_row=row if after >= seq else 0)
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

    async def _serve(self, group: Sequence[_Reader]) -> None:
        answers: Sequence[LogPage | Exception]
        try:
            answers = await self._scan([read for read, _ in group])
        except Exception as error:  # noqa: BLE001 - whatever it is, the readers wait for it
            answers = [error] * len(group)
        for (read, waiter), answer in zip(group, answers, strict=True):
            if isinstance(answer, LogPage):
                self._remember(read.run_id, answer)
                if not waiter.done():
                    waiter.set_result(answer.batches)
            elif not waiter.done():
                waiter.set_exception(answer)

    def _remember(self, run_id: str, page: LogPage) -> None:
        if page.batches:
            self._bookmarks.pop(run_id, None)
            self._bookmarks[run_id] = (page.batches[-1].next_seq - 1, page.last_row)
        if len(self._bookmarks) > _BOOKMARKS:
            del self._bookmarks[next(iter(self._bookmarks))]
