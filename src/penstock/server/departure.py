"""Clients that leave while nothing was sent to them yet: nobody reads their socket but who asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

T = TypeVar("T")


class DepartedError(Exception):
    """The client has left; there is nobody to answer."""


async def unless_departed(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """Do the work while the client stays; raises `DepartedError`, with the work cancelled, when it leaves first.

    The request's body must have been read: what else comes on the connection is the departure alone.
    """
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(_wait_for_departure(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise DepartedError
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.wait({working, leaving})


async def _wait_for_departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
