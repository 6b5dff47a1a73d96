"""The one writer: gathers on the event loop what waits, commits it in a thread, and tells those who wait.

While one turn is being committed the next one gathers; when nothing is under way, what came in one iteration of the
event loop is committed at its end. While batches come thick the turns keep a distance (`TurnPace`). All state on the
loop's side is touched by the loop's thread alone, and the committer by the writer's thread alone: what passes between
them is one queue there and one callback back per turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from sqlalchemy import Connection

from penstock.core.errors import PenstockError, StoreError
from penstock.core.log import Batch
from penstock.stores.committer import Committer, Turn
from penstock.stores.journal import Committed, Journal

_IDLE_S: Final = 0.5
"""Silence after which the write-ahead log is copied into the database."""

MAX_WAITING_BYTES: Final = 64 * 1024 * 1024
"""Batches beyond this are refused: the disk has stopped keeping up long before."""

_COUNTED_ENTRIES: Final = 64
_THICK_PER_S: Final = 2000
"""Batches per second from which on turns keep their distance."""

ResultT = TypeVar("ResultT")


class Change(Generic[ResultT]):
    """One piece of `committer.Work` whose result somebody awaits."""

    def __init__(
        self,
        act: Callable[[Connection, Journal], ResultT],
        *,
        is_durable: bool,
        follow_up: Callable[[Journal, ResultT], None] | None = None,
    ) -> None:
        """``act`` runs in the transaction, ``follow_up`` in the writer's thread once that is committed."""
        self.is_durable = is_durable
        self.error: PenstockError | None = None
        self.waiter: asyncio.Future[ResultT] = asyncio.get_running_loop().create_future()
        self._act = act
        self._follow_up = follow_up
        self._results: list[ResultT] = []

    def perform(self, connection: Connection, journal: Journal) -> None:
        """Do it, or do it again."""
        self._results = [self._act(connection, journal)]

    def settle(self, journal: Journal) -> None:
        """Follow up."""
        if self._follow_up is not None:
            self._follow_up(journal, self._results[0])

    def tell(self) -> None:
        """Wake who waits."""
        if self.waiter.done():  # they gave up waiting; what was committed stays committed
            return
        if self.error is None:
            self.waiter.set_result(self._results[0])
        else:
            self.waiter.set_exception(self.error)


class TurnPace:
    """How long a turn waits for more batches: not at all, unless they come thick.

    A turn costs two changes of thread whatever its size, which at 25,000 batches a second is most of what it costs.
    """

    def __init__(self, distance_s: float) -> None:
        """While batches come thick, turns begin ``distance_s`` apart."""
        self._distance_s = distance_s
        self._is_thick = False
        self._count = 0
        self._counted_from = 0.0
        self._turned_at = 0.0

    def __repr__(self) -> str:
        """Show whether turns wait."""
        return f"TurnPace(distance_s={self._distance_s}, is_thick={self._is_thick})"

    def turn(self, entries: int, now: float) -> None:
        """Note that a turn of so many batches begins, at this time of a monotonic clock."""
        self._turned_at = now
        self._count += entries
        if self._count >= _COUNTED_ENTRIES:
            self._is_thick = self._count > (now - self._counted_from) * _THICK_PER_S
            self._count = 0
            self._counted_from = now

    def wait_s(self, now: float) -> float:
        """Give how long the next turn still waits; 0 is not at all."""
        return max(0.0, self._turned_at + self._distance_s - now) if self._is_thick else 0.0


class Writer:
    """The loop's side, and the thread."""

    def __init__(self, open_committer: Callable[[], Committer], *, turn_distance_s: float) -> None:
        """``open_committer`` is called in the writer's thread."""
        self._loop = asyncio.get_running_loop()
        self._open_committer = open_committer
        self._pace = TurnPace(turn_distance_s)
        self._timer: asyncio.TimerHandle | None = None
        self._gathering = Turn()
        self._waiting_bytes = 0
        self._is_scheduled = False
        self._is_busy = False
        self._is_closed = False
        self._turns: queue.SimpleQueue[Turn | None] = queue.SimpleQueue()
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._drained: asyncio.Future[None] | None = None
        self._thread = threading.Thread(target=self._work, name="penstock-writer", daemon=True)

    async def open(self) -> None:
        """Start the thread; raises what kept it from opening the database."""
        self._thread.start()
        await self._opened

    # --- on the event loop --------------------------------------------------------------------------------------------

    def append(self, run_id: str, batch: Batch, committed: Committed) -> None:
        """Take a batch for the next turn."""
        if self._is_closed:
            self._loop.call_soon(committed, closed_error())
            return
        size = sum(map(len, batch.frames))
        gathering = self._gathering
        if self._waiting_bytes + size > MAX_WAITING_BYTES:
            gathering.entries.append((run_id, None, committed))
        else:
            self._waiting_bytes += size
            gathering.size_bytes += size
            gathering.entries.append((run_id, batch, committed))
        if not self._is_scheduled and not self._is_busy:
            self._schedule()

    async def change(self, change: Change[ResultT]) -> ResultT:
        """Do it in the next turn, after the batches that wait; gives its result once it is committed."""
        if self._is_closed:
            raise closed_error()
        self._gathering.works.append(change)
        if self._timer is not None or not (self._is_scheduled or self._is_busy):
            self._schedule()
        return await change.waiter

    def _schedule(self) -> None:
        """Let the turn begin at the end of this iteration, or when its time has come."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._is_scheduled = True
        wait_s = self._wait_s()
        if wait_s:
            self._timer = self._loop.call_later(wait_s, self._hand_over)
        else:
            self._loop.call_soon(self._hand_over)

    def _wait_s(self) -> float:
        """Give how long the next turn still waits; never when somebody awaits it."""
        return 0.0 if self._gathering.works or self._is_closed else self._pace.wait_s(time.monotonic())

    def _hand_over(self) -> None:
        self._is_scheduled = False
        self._timer = None
        turn = self._gathering
        self._gathering = Turn()
        self._is_busy = True
        self._pace.turn(len(turn.entries), time.monotonic())
        self._turns.put(turn)

    def _finish_turn(self, turn: Turn) -> None:
        self._is_busy = False
        self._waiting_bytes -= turn.size_bytes
        if turn.errors:
            for (_, _, committed), error in zip(turn.entries, turn.errors, strict=True):
                self._tell(committed, error)
        else:
            for _, _, committed in turn.entries:
                self._tell(committed, None)
        for work in turn.works:
            work.tell()
        self._go_on()

    def _tell(self, committed: Committed, error: StoreError | None) -> None:
        try:
            committed(error)
        except Exception as defect:  # noqa: BLE001 - one listener's defect is not the other runs' loss
            self._loop.call_exception_handler({"message": "A journal listener failed", "exception": defect})

    def _go_on(self) -> None:
        if self._gathering.entries or self._gathering.works:
            if self._wait_s():
                self._schedule()
            else:
                self._hand_over()
        elif self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    async def close(self) -> None:
        """Commit what waits, copy the log into the database, and end the thread."""
        if not self._is_closed:
            self._is_closed = True
            if self._is_busy or self._gathering.entries or self._gathering.works:
                self._drained = self._loop.create_future()
                if self._timer is not None:
                    self._schedule()
                await self._drained
            self._turns.put(None)
        await self._loop.run_in_executor(None, self._thread.join)

    # --- in the writer's thread ---------------------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            committer = self._open_committer()
        except Exception as error:  # noqa: BLE001 - whatever it is, `open` raises it
            self._call(self._fail_to_open, error)
            return
        self._call(self._succeed_to_open)
        while (turn := self._next_turn(committer)) is not None:
            committer.commit(turn)
            self._call(self._finish_turn, turn)
            committer.checkpoint_if_large()
        committer.close()

    def _next_turn(self, committer: Committer) -> Turn | None:
        try:
            return self._turns.get(timeout=_IDLE_S)
        except queue.Empty:
            committer.checkpoint_if_idle()
            return self._turns.get()

    def _call(self, function: Callable[..., None], *args: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody listens any more
            self._loop.call_soon_threadsafe(function, *args)

    def _fail_to_open(self, error: Exception) -> None:
        if not self._opened.done():
            self._opened.set_exception(error)

    def _succeed_to_open(self) -> None:
        if not self._opened.done():
            self._opened.set_result(None)


def closed_error() -> StoreError:
    """Give what is raised by calls after `close`."""
    return StoreError("The store is closed: the server shuts down.", code="store_closed")
