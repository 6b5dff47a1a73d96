"""Responses that are made in the background: they go on whoever listens, and are kept until the emulator ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from penstock.core.events import Json
from penstock.emulator.plan import Plan
from penstock.emulator.response_chunks import ResponseChunks


class Job:
    """One response: its events so far, each at the place that its ``sequence_number`` says."""

    def __init__(self, plan: Plan, chunks: ResponseChunks, accepted: dict[str, Json]) -> None:
        """Begin to make it; ``accepted`` is the response as it was accepted."""
        self._plan = plan
        self._whole = chunks.response
        self._accepted = accepted
        self._events: list[bytes] = []
        self._news = asyncio.Condition()
        self._is_ended = False
        self.is_cancelled = False
        self._task = asyncio.create_task(self._make(), name="background response")

    @property
    def response(self) -> dict[str, Json]:
        """The response as it is now."""
        if self.is_cancelled:
            return self._accepted | {"status": "cancelled"}
        return self._whole if self._is_ended else self._accepted | {"status": "in_progress"}

    async def follow(self, after: int) -> AsyncIterator[bytes]:
        """Give the events behind a number, as they come."""
        place = after + 1
        while True:
            while place < len(self._events):
                yield self._events[place]
                place += 1
            if self._is_ended:
                return
            async with self._news:
                await self._news.wait_for(lambda seen=place: seen < len(self._events) or self._is_ended)

    async def cancel(self) -> None:
        """Make no more of it; what is whole stays whole."""
        if not self._is_ended:
            self.is_cancelled = self._is_ended = True
            self._task.cancel()
            await asyncio.wait({self._task})
            await self._tell()

    async def _make(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + self._plan.headers_wait_s
        for frame in self._plan.frames:
            due += frame.wait_s
            if due > loop.time():
                await self._tell()
                await asyncio.sleep(due - loop.time())
            self._events += [piece + b"\n\n" for piece in frame.data.split(b"\n\n") if piece]
        self._is_ended = True
        await self._tell()

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()
