"""The watch over a silent service."""

from __future__ import annotations

import asyncio

from penstock.providers.silence import SilenceWatch


async def test_silence_is_noticed_once():
    noticed: list[bool] = []
    watch = SilenceWatch(0.01, lambda: noticed.append(True))
    await asyncio.sleep(0.05)
    assert noticed == [True]
    watch.cancel()


async def test_a_touch_puts_it_off():
    noticed = asyncio.Event()
    watch = SilenceWatch(0.05, noticed.set)
    begun_at = asyncio.get_running_loop().time()
    await asyncio.sleep(0.03)
    watch.touch()
    await noticed.wait()
    assert asyncio.get_running_loop().time() - begun_at >= 0.075
    watch.cancel()


async def test_the_limit_can_change_and_the_watch_end():
    noticed = asyncio.Event()
    watch = SilenceWatch(1000.0, noticed.set)
    watch.change(0.01)
    await noticed.wait()
    noticed.clear()
    watch = SilenceWatch(0.01, noticed.set)
    watch.cancel()
    await asyncio.sleep(0.03)
    assert not noticed.is_set()
