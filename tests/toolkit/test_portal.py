"""An event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading

import pytest

from penstock.toolkit.portal import Portal


async def where() -> str:
    return threading.current_thread().name


def test_what_it_runs_has_a_thread_of_its_own():
    with Portal() as portal:
        assert portal.call(where()) == "penstock"


def test_errors_come_out_where_the_call_was_made():
    async def fail() -> None:
        raise ZeroDivisionError

    with Portal() as portal, pytest.raises(ZeroDivisionError):
        portal.call(fail())


def test_closing_cancels_what_runs_and_a_later_call_starts_it_again():
    ended: list[str] = []

    async def wait_for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    async def leave_running() -> asyncio.Task[None]:
        task = asyncio.create_task(wait_for_ever())
        await asyncio.sleep(0)
        return task

    portal = Portal()
    portal.call(leave_running())
    portal.close()

    assert ended == ["cancelled"]
    assert portal.call(where()) == "penstock"
    portal.close()


def test_closing_what_never_started_is_nothing():
    Portal().close()
