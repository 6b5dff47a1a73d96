"""One answer for one reader, kept nowhere: for programs that ask a model and read along, without a database.

It is made as fast as the service sends, whatever the reader does, so that a reader's pause is never taken for the
service's silence; what waits to be read is bounded by the length of the answer. Whoever leaves stops it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from penstock.core.events import (
    Event,
    RunFailed,
    RunStarted,
    RunStopped,
    StoppedBy,
    Terminal,
)
from penstock.core.log import Batch
from penstock.core.messages import FoldedMessage, Run
from penstock.core.ports import Accountant, Clock, Ids, Model, ModelStream
from penstock.core.requests import ModelRequest
from penstock.runs.ending import Bill, make_ending
from penstock.runs.failure import failure_of
from penstock.runs.stopwatch import Stopwatch
from penstock.runs.transcript import Transcript

_CLOSE_TIMEOUT_S = 5.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruments:
    """What an answer needs beside its model."""

    accountant: Accountant
    clock: Clock
    ids: Ids


class DirectRun:
    """Produces one answer into memory; `start` it, `read` it, and `stop` it in the end, whatever happened."""

    def __init__(self, model: Model, prompt: ModelRequest, instruments: Instruments) -> None:
        """Prepare; nothing is sent before `start`."""
        ids, clock = instruments.ids, instruments.clock
        now = clock.now()
        self.run = Run(
            id=ids.make("run"),
            owner="",
            message_id=ids.make("msg"),
            model=model.info.id,
            status="running",
            created_at=now,
            started_at=now,
        )
        self.is_ended = False
        """Whether the terminal was read."""
        self.is_upstream_closed = False
        self._provider = model.provider
        self._prompt = prompt
        self._instruments = instruments
        self._stopwatch = Stopwatch(clock, clock.monotonic())
        self._transcript = Transcript()
        self._batches: list[Batch] = []
        self._waiter: asyncio.Future[None] | None = None
        self._is_nudged = False
        self._is_left = False
        self._stream: ModelStream | None = None
        self._stop_by: StoppedBy | None = None
        self._is_pumping = False
        self._task: asyncio.Task[None] | None = None
        self._cutting: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        """Show the run and how far it is."""
        return f"DirectRun({self.run.id!r}, {self._transcript!r}, stop_by={self._stop_by!r})"

    @property
    def message(self) -> FoldedMessage:
        """The message as far as it was made, which may be further than it was read."""
        return self._transcript.message

    def start(self) -> None:
        """Ask the model service."""
        run = self.run
        started = RunStarted(run_id=run.id, message_id=run.message_id, model=run.model, provider=self._provider.name)
        self._put(self._transcript.open(started))
        self._task = asyncio.create_task(self._make(), name=f"make {run.id}")

    async def read(self) -> list[Batch]:
        """Wait for at least one batch and give all that wait; empty after `nudge` or `close`, and after the end."""
        while not (self._batches or self.is_ended or self._is_left or self._is_nudged):
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        self._is_nudged = False
        taken, self._batches = self._batches, []
        self.is_ended = self.is_ended or bool(taken and taken[-1].is_terminal)
        return taken

    async def pour(self, take: Callable[[list[Batch]], bool]) -> None:
        """Give nothing at once: one reader in the same program has no use for it."""

    def nudge(self) -> None:
        """Make a waiting `read` give what there is, also when that is nothing."""
        if self._waiter is not None:
            self._is_nudged = True
            self._wake()

    def close(self) -> None:
        """Wait for nothing more: a `read` that waits gives an empty list."""
        self._is_left = True
        self._wake()

    async def stop(self, by: StoppedBy = "user") -> bool:
        """Close the upstream at once, if the answer is not whole; True when its socket is known to be closed.

        The terminal is there when it returns. Idempotent; an answer that has ended stays what it is.
        """
        if self._task is None:
            return True
        if self._stop_by is None and not self._task.done():
            self._stop_by = by
            self._cutting = asyncio.create_task(self._cut(self._task))
        if self._cutting is not None:
            await asyncio.wait((self._cutting,))
        await asyncio.wait((self._task,))
        return self.is_upstream_closed

    async def _cut(self, task: asyncio.Task[None]) -> None:
        """Close the upstream, then get the task off it: it may be waiting for a service that is silent."""
        await self._close_upstream()
        if self._is_pumping:
            task.cancel()

    async def _close_upstream(self) -> None:
        if self._stream is None:
            self.is_upstream_closed = True
            return
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                self.is_upstream_closed = await self._stream.close()
        except Exception:  # noqa: BLE001 - the result says that it is not confirmed
            _log.exception("Closing the upstream of run %s failed.", self.run.id)

    async def _make(self) -> None:
        terminal = await self._outcome()
        if self._cutting is None:
            await self._close_upstream()
        bill = Bill(
            accountant=self._instruments.accountant,
            provider=self._provider.name,
            prompt=self._prompt,
            was_sent=self._stream is not None and not isinstance(terminal, RunFailed),
        )
        at = self._instruments.clock.now()
        self._put(make_ending(self.run, self._transcript, terminal, bill=bill, at=at).last_batch)

    async def _outcome(self) -> Terminal:
        """Pump until something ends it, and say what did; a stop that came before the end wins."""
        self._is_pumping = True
        try:
            terminal = await self._pump()
        except asyncio.CancelledError:
            # By `stop`, or by a loop that ends with the program: the answer was not whole in either case.
            terminal = RunStopped(by="shutdown")
        except Exception as error:  # noqa: BLE001 - the outer edge of a run: whatever broke, the run gets its end
            terminal = failure_of(error, self.run.id)
        finally:
            self._is_pumping = False
        if self._stop_by is not None:
            terminal = RunStopped(by=self._stop_by)
        return msgspec.structs.replace(terminal, timings=self._stopwatch.read())

    async def _pump(self) -> Terminal:
        if self._stop_by is not None:
            return RunStopped(by=self._stop_by)
        self._stream = self._provider.open(self._prompt)
        async for events in self._stream:
            if self._stop_by is not None:
                break
            self._take(events)
        return self._transcript.conclude()

    def _take(self, events: tuple[Event, ...]) -> None:
        if not events:
            return
        self._stopwatch.see(events)
        batch, error = self._transcript.write(events)
        if batch is not None:
            self._put(batch)
        if error is not None:
            raise error

    def _put(self, batch: Batch) -> None:
        self._batches.append(batch)
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
