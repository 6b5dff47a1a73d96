"""One run being produced: a single task, outside any request, from the first byte upstream to the durable terminal.

The order is fixed: a batch is appended to the journal, and only its commit puts it into the live log. The task never
awaits one commit; it pauses only while too many bytes wait for theirs.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

import msgspec
from msgspec import Struct

from penstock.core.errors import StoreError, UpstreamEndedError
from penstock.core.events import Event, RunFailed, RunInterrupted, RunStopped, StoppedBy, Terminal
from penstock.core.log import Batch
from penstock.core.messages import Run
from penstock.core.ports import ModelStream, Provider, ResumableStream, ResumingProvider
from penstock.core.requests import ModelRequest
from penstock.runs.ending import Bill
from penstock.runs.failure import failure_of
from penstock.runs.finish import Finisher
from penstock.runs.live_log import LiveLog, size_bytes
from penstock.runs.ports import Ports
from penstock.runs.stopwatch import Stopwatch
from penstock.runs.transcript import Transcript

_log = logging.getLogger(__name__)

STORE_ERROR = "The server could not keep more of the answer. What was written so far is kept."


class Work(Struct, frozen=True, kw_only=True):
    """What a producer has to do."""

    run: Run
    transcript: Transcript
    """With all taken that is durable: offset 0, or more when the run was another's before."""
    log: LiveLog
    """At the offset of the transcript."""
    provider: Provider
    prompt: ModelRequest | None
    """None when the run was another's before: then the service goes on where ``resume_token`` says."""
    resume_token: str | None = None
    begun_at: float
    """Monotonic seconds."""


class Producer:
    """Produces one run. `start` it once; `stop` it at any moment; wait for `ended`."""

    def __init__(self, work: Work, ports: Ports) -> None:
        """Prepare; nothing runs before `start`."""
        self.run = work.run
        self.log = work.log
        self.ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        """Resolved once no more will come: True when the terminal is durable."""
        self.stop_ms = 0.0
        self.is_upstream_closed = False
        self.is_lost = False
        """Whether another instance has the run, or is to have it: nothing more is written here."""
        self.is_ending = False
        """Whether the terminal is being written."""
        self._work = work
        self._ports = ports
        self._transcript = work.transcript
        self._stopwatch = Stopwatch(ports.clock, work.begun_at)
        self._stream: ModelStream | None = None
        self._resumable: ResumableStream | None = None
        self._task: asyncio.Task[None] | None = None
        self._timeout: asyncio.TimerHandle | None = None
        self._stop_by: StoppedBy | None = None
        self._closing: asyncio.Task[None] | None = None
        self._is_pumping = False
        self._pending: deque[tuple[Batch, int]] = deque()
        self._pending_bytes = 0
        self._store_error: StoreError | None = None
        self._progress: asyncio.Future[None] | None = None

    def __repr__(self) -> str:
        """Show the run and how far it is."""
        return f"Producer({self.run.id!r}, {self._transcript!r}, stop_by={self._stop_by!r})"

    def start(self) -> None:
        """Start the task and the run's own deadline."""
        self._task = asyncio.create_task(self._produce(), name=f"produce {self.run.id}")
        loop = asyncio.get_running_loop()
        self._timeout = loop.call_later(self._ports.limits.run_timeout_s, self.stop, "timeout")

    def stop(self, by: StoppedBy) -> None:
        """Take nothing more from upstream and close it at once; only the first call counts."""
        if self._stop_by is None and not self.ended.done():
            self._stop_by = by
            self._begin_cut()

    def on_end(self, tell: Callable[[], None]) -> None:
        """Call ``tell`` once no more will come."""
        self.ended.add_done_callback(lambda _: tell())

    def lose(self) -> None:
        """Let go of the run, which another instance has: the upstream is closed, and nothing more is written."""
        self.is_lost = True
        self._begin_cut()

    def hand_over(self) -> bool:
        """Leave the run to whoever claims it, when the service goes on by itself; False when it does not."""
        resumable = self._resumable
        if resumable is None or resumable.resume_token is None or self._closing is not None:
            return False
        self.is_lost = True
        self._closing = asyncio.create_task(self._leave(resumable))
        return True

    async def _leave(self, resumable: ResumableStream) -> None:
        try:
            await resumable.leave()
        except Exception:  # noqa: BLE001 - the service goes on, and this process ends
            _log.exception("Leaving the upstream of run %s failed.", self.run.id)
        if self._is_pumping and self._task is not None:
            self._task.cancel()

    async def cut(self) -> None:
        """Wait until the closing that `stop` began is over, well or not."""
        if self._closing is not None:
            await asyncio.wait((self._closing,))

    def _begin_cut(self) -> None:
        if self._closing is None:
            self._closing = asyncio.create_task(self._cut(self._ports.clock.monotonic()))

    async def _cut(self, asked_at: float) -> None:
        """Close the upstream, then get the task off it: it may be waiting for a service that is silent."""
        await self._close_upstream()
        self.stop_ms = round((self._ports.clock.monotonic() - asked_at) * 1000, 3)
        if self._is_pumping and self._task is not None:
            self._task.cancel()

    async def _close_upstream(self) -> None:
        if self._stream is None:
            self.is_upstream_closed = True
            return
        try:
            async with asyncio.timeout(self._ports.limits.close_timeout_s):
                self.is_upstream_closed = await self._stream.close()
        except Exception:  # noqa: BLE001 - the receipt says that it is not confirmed
            _log.exception("Closing the upstream of run %s failed.", self.run.id)

    async def _produce(self) -> None:
        is_durable = False
        try:
            terminal = await self._outcome()
            if self._closing is None:
                await self._close_upstream()
            await self.cut()
            if not self.is_lost:
                is_durable = await self._finish(terminal)
                # The store refused the terminal without a fault: the run is at another epoch.
                self.is_lost = not is_durable
        except Exception:  # noqa: BLE001 - the outer edge of a run
            _log.exception("Run %s could not be ended here; recovery will end it.", self.run.id)
        finally:
            if self._timeout is not None:
                self._timeout.cancel()
            if not (is_durable or self.is_lost):
                self.log.close(Finisher.unavailable())
            self.ended.set_result(is_durable)

    async def _outcome(self) -> Terminal:
        """Pump until something ends it, and say what did. A stop that came before the end wins over all else."""
        terminal = await self._pumped()
        while self._pending and self._store_error is None:
            await self._wait_for_progress()
        if self._store_error is not None and not self.is_lost:
            _log.error("The log of run %s could not be kept: %r", self.run.id, self._store_error)
            return RunFailed(code="store_error", message=STORE_ERROR, retryable=True)
        return terminal

    async def _pumped(self) -> Terminal:
        self._is_pumping = True
        try:
            terminal = await self._pump()
        except asyncio.CancelledError:
            if self._closing is None:
                raise
            terminal = RunInterrupted(cause="upstream-eof")
        except Exception as error:  # noqa: BLE001 - the outer edge of a run: whatever broke, the run gets its end
            terminal = failure_of(error, self.run.id)
        finally:
            self._is_pumping = False
        if self._task is not None and self._task.cancelling():
            self._task.uncancel()
        return terminal if self._stop_by is None else RunStopped(by=self._stop_by)

    async def _pump(self) -> Terminal:
        if self._stop_by is not None:
            return RunStopped(by=self._stop_by)
        self._stream = self._open()
        if isinstance(self._stream, ResumableStream):
            self._resumable = self._stream
        limit = self._ports.limits.in_flight_bytes
        async for events in self._stream:
            if self._closing is not None:
                break
            self._take(events)
            while self._pending_bytes > limit:
                await self._wait_for_progress()
        return self._transcript.conclude()

    def _open(self) -> ModelStream:
        work = self._work
        if work.prompt is not None:
            return work.provider.open(work.prompt)
        if isinstance(work.provider, ResumingProvider) and work.resume_token is not None:
            return work.provider.resume(work.resume_token)
        message = "The model service can not go on with this answer."
        raise UpstreamEndedError(message)

    def _take(self, events: tuple[Event, ...]) -> None:
        if not events:
            return
        self._stopwatch.see(events)
        batch, error = self._transcript.write(events)
        if batch is not None:
            self._append(batch)
        if error is not None:
            raise error

    def _append(self, batch: Batch) -> None:
        if self._resumable is not None:
            batch = msgspec.structs.replace(batch, resume_token=self._resumable.resume_token)
        size = size_bytes(batch)
        self._pending.append((batch, size))
        self._pending_bytes += size
        self._ports.store.append(self.run.id, batch, self._committed)

    def _committed(self, error: StoreError | None) -> None:
        """Publish the oldest batch that waits: commits come in the order of the appends.

        After one error nothing more is published: what follows a gap must never be visible.
        """
        batch, size = self._pending.popleft()
        self._pending_bytes -= size
        if error is not None and self._store_error is None:
            self._store_error = error
            self.is_lost = self.is_lost or error.code == "run_lost"
            self._begin_cut()
        if self._store_error is None:
            self.log.publish(batch, size)
        if self._progress is not None and not self._progress.done():
            self._progress.set_result(None)

    async def _wait_for_progress(self) -> None:
        self._progress = asyncio.get_running_loop().create_future()
        await self._progress

    async def _finish(self, terminal: Terminal) -> bool:
        self.is_ending = True
        finisher = Finisher(self.run, self._ports)
        bill = Bill(
            accountant=self._ports.accountant,
            provider=self._work.provider.name,
            prompt=self._work.prompt,
            was_sent=self._stream is not None and not isinstance(terminal, RunFailed),
            upstream_closed=self.is_upstream_closed,
        )
        timings = self._stopwatch.read()
        if self._store_error is None:
            return await finisher.finish(self._transcript, terminal, bill=bill, timings=timings, log=self.log)
        return await finisher.finish_kept(terminal, bill=bill, timings=timings, log=self.log)
