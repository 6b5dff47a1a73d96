"""Ending tasks that a transport keeps for itself."""

from __future__ import annotations

import asyncio
from typing import Any, Final

_AGAIN_S: Final = 0.1


async def end(task: asyncio.Task[Any]) -> None:
    """Cancel it until it has ended.

    Once is not enough: redis-py 8 swallows a third of the cancellations that meet a blocking read, and the loop around
    it then reads on for ever.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait((task,), timeout=_AGAIN_S)
