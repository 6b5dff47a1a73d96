"""The log of a live run in memory: bounded, shared by all its followers, and only ever holding what is durable."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Final

from penstock.core.errors import PenstockError
from penstock.core.log import Batch

_EVENT_BYTES: Final = 200
"""What an event takes beside its frame: the struct, the bytes object, its places in two tuples."""
_BATCH_BYTES: Final = 200

_first_seq = attrgetter("first_seq")


def size_bytes(batch: Batch) -> int:
    """Estimate what a batch takes in memory."""
    frames = batch.frames
    text = len(frames[0]) if len(frames) == 1 else sum(map(len, frames))
    return text + len(frames) * _EVENT_BYTES + _BATCH_BYTES


class LiveLog:
    """Committed batches of one run, the newest of them in memory.

    A follower costs one future while it waits, or one entry in a tuple while what comes is poured to it; there is no
    queue and no task for any of them.
    """

    def __init__(self, limit_bytes: int, *, next_seq: int = 0, is_ended: bool = False) -> None:
        """Start with nothing in memory, at this offset of the log."""
        self._limit_bytes = limit_bytes
        self._batches: list[Batch] = []
        self._sizes: list[int] = []
        self.size_bytes = 0
        self.next_seq = next_seq
        self.is_ended = is_ended
        self.error: PenstockError | None = None
        """Why there will be no more, when that is not a terminal."""
        self.readers = 0
        """How many followers it has."""
        self._waiting: list[asyncio.Future[None]] = []
        self._listeners: dict[Callable[[], None], None] = {}

    def __repr__(self) -> str:
        """Show the offsets in memory."""
        first = self._batches[0].first_seq if self._batches else self.next_seq
        return f"LiveLog([{first}, {self.next_seq}), is_ended={self.is_ended})"

    def publish(self, batch: Batch, size: int | None = None) -> None:
        """Make a committed batch visible, and wake who waits; ``size`` is its `size_bytes`, when that is known."""
        size = size or size_bytes(batch)
        self._batches.append(batch)
        self._sizes.append(size)
        self.size_bytes += size
        self.next_seq = batch.next_seq
        self.is_ended = batch.is_terminal
        if self.size_bytes > self._limit_bytes:
            self._shrink()
        self._wake()

    def close(self, error: PenstockError) -> None:
        """Tell the followers that nothing more comes from here, and why."""
        self.error = error
        self._wake()

    def find(self, after: int) -> Sequence[Batch] | None:
        """Give what is in memory behind an offset; None when what follows it is only in the journal."""
        if after + 1 >= self.next_seq:
            return ()
        batches = self._batches
        if not batches:
            return None
        if batches[-1].first_seq == after + 1:
            return batches[-1:]
        if batches[0].first_seq > after + 1:
            return None
        index = bisect_right(batches, after + 1, key=_first_seq) - 1
        return [batches[index].after(after), *batches[index + 1 :]]

    def wait(self) -> asyncio.Future[None]:
        """Give a future that the next publish, or the close, resolves."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        return future

    def forget(self, future: asyncio.Future[None]) -> None:
        """Stop waiting with this future."""
        if future in self._waiting:
            self._waiting.remove(future)

    async def wait_for_end(self, timeout_s: float) -> None:
        """Wait until the log is ended or closed, or that much time is over."""
        ended = asyncio.Event()

        def look() -> None:
            if self.is_ended or self.error is not None:
                ended.set()

        look()
        self.listen(look)
        try:
            async with asyncio.timeout(timeout_s):
                await ended.wait()
        except TimeoutError:
            return
        finally:
            self.leave(look)

    def listen(self, listener: Callable[[], None]) -> None:
        """Call it after every publish, and at the close, until `leave`."""
        self._listeners[listener] = None

    def leave(self, listener: Callable[[], None]) -> None:
        """Call it no longer."""
        self._listeners.pop(listener, None)

    def _wake(self) -> None:
        for listener in tuple(self._listeners):
            listener()
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def _shrink(self) -> None:
        """Drop the oldest down to half the limit, so that dropping costs O(1) per batch; the newest always stays."""
        target = self._limit_bytes // 2
        count = 0
        while self.size_bytes > target and count < len(self._batches) - 1:
            self.size_bytes -= self._sizes[count]
            count += 1
        del self._batches[:count]
        del self._sizes[:count]
