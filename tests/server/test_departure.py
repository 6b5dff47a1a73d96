"""Work for a client ends when the client leaves, and only then."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from penstock.server.departure import DepartedError, unless_departed


async def test_work_is_done_while_the_client_stays():
    stays: asyncio.Event = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await stays.wait()
        return {"type": "http.disconnect"}

    async def work() -> int:
        return 7

    assert await unless_departed(receive, work()) == 7


async def test_work_is_cancelled_when_the_client_leaves():
    ended = asyncio.Event()

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(DepartedError):
        await unless_departed(receive, work())
    assert ended.is_set()


async def test_an_error_of_the_work_is_the_caller_s():
    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async def work() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await unless_departed(receive, work())


async def test_what_is_left_of_the_body_is_no_departure():
    messages = [{"type": "http.disconnect"}, {"type": "http.request"}]

    async def receive() -> dict[str, Any]:
        return messages.pop()

    with pytest.raises(DepartedError):
        await unless_departed(receive, asyncio.Event().wait())
