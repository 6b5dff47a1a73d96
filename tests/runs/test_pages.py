"""Followers at the same place of a journal share what is read there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from penstock.core.errors import GoneError
from penstock.core.events import RunStarted, StepStarted
from penstock.core.log import Batch, make_batch
from penstock.core.ports import LogEnd
from penstock.runs.pages import Pages

BATCHES = [
    make_batch(0, [RunStarted(run_id="r", message_id="m", model="x", provider="p")]),
    make_batch(1, [StepStarted(index=0)]),
    make_batch(2, [StepStarted(index=1)]),
]


class CountingJournal:
    """A journal in memory that counts the looks."""

    def __init__(self, batches: Sequence[Batch] = BATCHES) -> None:
        self.batches = list(batches)
        self.looks = 0
        self.error: Exception | None = None

    async def read(self, run_id: str, *, after: int = -1, limit: int | None = None) -> list[Batch]:
        del run_id
        self.looks += 1
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return [batch for batch in self.batches if batch.first_seq > after][:limit]

    async def find_end(self, run_id: str) -> LogEnd:
        raise NotImplementedError(run_id)


async def test_followers_that_come_at_once_cost_one_look():
    journal = CountingJournal()
    pages = Pages(journal, page_batches=10)
    read = await asyncio.gather(*(pages.read("r", -1) for _ in range(100)))
    assert journal.looks == 1
    assert all(page is read[0] for page in read)
    assert read[0].batches == BATCHES


async def test_a_whole_page_is_shared_as_long_as_somebody_holds_it():
    journal = CountingJournal()
    pages = Pages(journal, page_batches=2)
    held = await pages.read("r", -1)
    is_shared = await pages.read("r", -1) is held
    assert is_shared
    assert journal.looks == 1
    del held
    await asyncio.sleep(0)  # the loop itself holds what it has just handed over
    await pages.read("r", -1)
    assert journal.looks == 2


async def test_a_page_that_may_grow_is_read_again():
    journal = CountingJournal(BATCHES[:1])
    pages = Pages(journal, page_batches=2)
    first = await pages.read("r", -1)
    journal.batches = BATCHES
    assert len(first.batches) == 1
    assert len((await pages.read("r", -1)).batches) == 2


async def test_a_follower_that_leaves_takes_the_look_from_nobody():
    pages = Pages(CountingJournal(), page_batches=10)
    leaving, staying = (asyncio.create_task(pages.read("r", -1)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).batches == BATCHES


async def test_an_error_reaches_all_and_is_not_kept():
    journal = CountingJournal()
    journal.error = GoneError("The log is gone.")
    pages = Pages(journal, page_batches=10)
    results = await asyncio.gather(*(pages.read("r", -1) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(result, GoneError) for result in results)
    journal.error = None
    assert (await pages.read("r", -1)).batches == BATCHES
    with pytest.raises(NotImplementedError):
        await journal.find_end("r")
