"""Readers who wait together share one pass."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from penstock.core.errors import NotFoundError
from penstock.stores.log_reader import LogReader
from penstock.stores.log_scan import LogAnswer, LogPage, LogRead
from support.store_samples import make_delta


class Passes:
    """Records what each pass was asked for, and holds it until it is let go."""

    def __init__(self) -> None:
        self.asked: list[list[LogRead]] = []
        self.gate = asyncio.Event()

    async def scan(self, reads: Sequence[LogRead]) -> list[LogAnswer]:
        self.asked.append(list(reads))
        await self.gate.wait()
        if any(read.run_id == "broken" for read in reads):
            raise RuntimeError
        return [
            NotFoundError("none") if read.run_id == "unknown" else LogPage([make_delta(read.after + 1)], 7)
            for read in reads
        ]


async def test_those_who_come_during_a_pass_share_the_next_one():
    passes = Passes()
    reader = LogReader(passes.scan)
    tasks = [asyncio.create_task(reader.read("first", after=-1, limit=None))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    tasks += [asyncio.create_task(reader.read(f"run_{n}", after=n, limit=None)) for n in range(10)]
    await asyncio.sleep(0)
    passes.gate.set()
    pages = await asyncio.gather(*tasks)
    assert [len(reads) for reads in passes.asked] == [1, 10]
    assert [page[0].first_seq for page in pages] == [0, *range(1, 11)]


async def test_each_gets_its_own_answer():
    passes = Passes()
    passes.gate.set()
    reader = LogReader(passes.scan)
    known, unknown = await asyncio.gather(
        reader.read("known", after=-1, limit=None), reader.read("unknown", after=-1, limit=None), return_exceptions=True
    )
    assert known == [make_delta(0)]
    assert isinstance(unknown, NotFoundError)


async def test_a_pass_that_fails_tells_its_readers_and_the_next_one_works():
    passes = Passes()
    passes.gate.set()
    reader = LogReader(passes.scan)
    with pytest.raises(RuntimeError):
        await reader.read("broken", after=-1, limit=None)
    assert await reader.read("whole", after=-1, limit=None) == [make_delta(0)]


async def test_a_page_starts_at_the_row_where_the_one_before_ended():
    passes = Passes()
    passes.gate.set()
    reader = LogReader(passes.scan)
    await reader.read("run", after=4, limit=1)  # gives offset 5, in row 7
    await reader.read("run", after=5, limit=1)
    await reader.read("run", after=3, limit=1)
    assert [reads[0].from_row for reads in passes.asked] == [0, 7, 0]


async def test_one_who_leaves_does_not_disturb_the_others():
    passes = Passes()
    reader = LogReader(passes.scan)
    leaving, staying = (asyncio.create_task(reader.read(run_id, after=-1, limit=None)) for run_id in "ab")
    await asyncio.sleep(0)
    leaving.cancel()
    passes.gate.set()
    assert await staying == [make_delta(0)]
