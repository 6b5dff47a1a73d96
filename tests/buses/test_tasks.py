"""Ending tasks."""

from __future__ import annotations

import asyncio

from penstock.buses.tasks import end


async def test_a_task_that_swallows_cancellations_is_told_until_it_has_ended():
    swallowed: list[asyncio.CancelledError] = []

    async def go_on() -> None:
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError as cancelled:
                swallowed.append(cancelled)
                if len(swallowed) == 3:
                    raise

    task = asyncio.create_task(go_on())
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await end(task)
    assert task.cancelled()
    assert len(swallowed) == 3


async def test_a_task_that_has_ended_is_left_alone():
    task = asyncio.create_task(asyncio.sleep(0, "done"))
    await asyncio.wait((task,))
    await end(task)
    assert task.result() == "done"
