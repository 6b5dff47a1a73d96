"""The engine's face: begin, follow, stop, recover, drain, and the reads of runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Unpack

from penstock.core.errors import CallerError, ConflictError, UnavailableError
from penstock.core.events import StoppedBy
from penstock.core.messages import Run
from penstock.core.requests import ChatRequest
from penstock.core.storage import Begun
from penstock.runs.beginning import Plan, plan_beginning
from penstock.runs.follower import Follower
from penstock.runs.limits import Limits
from penstock.runs.ports import Adapters, Ports
from penstock.runs.producer import Producer, Work
from penstock.runs.receipt import Receipt, receipt_of
from penstock.runs.recovery import end_orphans
from penstock.runs.roster import Roster
from penstock.runs.sweeper import Sweeper


class Engine:
    """Makes answers. One per process; it belongs to the event loop that it was started on."""

    def __init__(self, *, limits: Limits | None = None, **adapters: Unpack[Adapters]) -> None:
        """Take the adapters by the names of their ports; nothing happens before `start`."""
        limits = limits or Limits()
        self._ports = Ports(limits=limits, instance=adapters["ids"].make("inst"), **adapters)
        self._roster = Roster(limits)
        self._sweeper = Sweeper(self._ports)
        self._sweeping: asyncio.Task[None] | None = None
        self._begins: set[asyncio.Task[Begun]] = set()
        self._unconfirmed: dict[str, None] = {}
        """Runs whose upstream could not be confirmed to be closed: no later receipt may claim it."""
        self._on_end: list[Callable[[Run], None]] = []
        self.is_draining = False

    def __repr__(self) -> str:
        """Show the runs and whether new ones are taken."""
        return f"Engine({self._roster!r}, is_draining={self.is_draining})"

    @property
    def live_count(self) -> int:
        """How many runs are produced now."""
        return len(self._roster.live)

    def on_end(self, handler: Callable[[Run], None]) -> None:
        """Call ``handler`` for each run produced here once its end is durable; it has to return at once."""
        self._on_end.append(handler)

    async def start(self) -> int:
        """Recover, and start to sweep; gives how many orphans were ended."""
        count = await self.recover()
        self._sweeping = asyncio.create_task(self._sweeper.run(), name="sweep")
        return count

    async def close(self, *, grace_s: float = 0) -> None:
        """Drain and leave. The store and the bus stay open: who made them closes them."""
        await self.drain(grace_s)
        if self._sweeping is not None:
            self._sweeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeping
            self._sweeping = None
        self._roster.close()

    async def begin(self, owner: str, request: ChatRequest) -> Begun:
        """Write the submit and start its run, or find the run that this submit started before.

        Raises `CallerError` for a request at fault, and `UnavailableError` while draining or at a limit. A caller that
        goes away in the middle changes nothing: a run that was written is produced.
        """
        if self.is_draining:
            message = "The server is shutting down. Try again in a moment."
            raise UnavailableError(message)
        try:
            self._roster.reserve(owner)
        except UnavailableError:
            repeated = self._roster.find_repeat(owner, request)
            if repeated is None:
                raise
            return Begun(run=repeated.run, is_new=False)
        begin = asyncio.create_task(self._begin(owner, request))
        self._begins.add(begin)
        begin.add_done_callback(self._begun)
        return await asyncio.shield(begin)

    async def follow(self, owner: str, run_id: str, *, after: int = -1) -> Follower:
        """Follow the run's log behind the offset ``after``; -1 is from the start.

        Raises `CallerError` for an offset that the log has not reached, and `GoneError` once the log was swept.
        """
        if after < -1:
            message = "An offset is -1 or more."
            raise CallerError(message, field="after")
        producer = self._roster.find(owner, run_id)
        if producer is None:
            return await self._follow_kept(owner, run_id, after)
        if after >= producer.log.next_seq:
            raise _beyond()
        return self._follower(run_id, after, producer)

    async def stop(self, owner: str, run_id: str, *, by: StoppedBy = "user") -> Receipt:
        """Stop the run: its upstream is closed at once. Idempotent; a run that has ended gives its state."""
        producer = self._roster.find(owner, run_id)
        if producer is None:
            return await self._stop_elsewhere(owner, run_id)
        was_ended = producer.ended.done()
        producer.stop(by)
        await producer.cut()
        await asyncio.wait((producer.ended,), timeout=self._ports.limits.stop_wait_s)
        run = await self._ports.store.get_run(owner, run_id)
        stop_ms = 0 if was_ended else producer.stop_ms
        return receipt_of(run, upstream_closed=producer.is_upstream_closed, stop_ms=stop_ms)

    async def abandon(self, owner: str, run_id: str) -> bool:
        """Stop the run unless somebody follows it here: for clients whose only way to say stop is to leave."""
        producer = self._roster.find(owner, run_id)
        if producer is None or producer.log.is_ended or producer.log.readers:
            return False
        await self.stop(owner, run_id, by="shutdown" if self.is_draining else "user")
        return True

    async def recover(self) -> int:
        """End every live run whose instance is lost as interrupted, with the text of its journal; gives how many."""
        orphans = await self._ports.store.list_orphans(self._ports.instance)
        failed = await end_orphans(orphans, self._ports)
        for run in failed:
            self._sweeper.adopt(run)
        return len(orphans) - len(failed)

    async def drain(self, grace_s: float) -> None:
        """Take no new runs; let those that live end within the grace, then stop them as ``shutdown``."""
        self.is_draining = True
        if self._begins:
            await asyncio.wait(tuple(self._begins))
        live = self._roster.live
        if live and grace_s > 0:
            await asyncio.wait([producer.ended for producer in live], timeout=grace_s)
        live = self._roster.live
        for producer in live:
            producer.stop("shutdown")
        if live:
            await asyncio.wait([producer.ended for producer in live])

    async def get_run(self, owner: str, run_id: str) -> Run:
        """Give the run as it is kept."""
        return await self._ports.store.get_run(owner, run_id)

    async def find_live_run(self, owner: str, conversation_id: str) -> Run | None:
        """Give the newest run of the conversation that has no terminal."""
        return await self._ports.store.find_live_run(owner, conversation_id)

    async def _begin(self, owner: str, request: ChatRequest) -> Begun:
        begun_at = self._ports.clock.monotonic()
        is_entered = False
        try:
            plan = await plan_beginning(owner, request, self._ports)
            begun = await self._ports.store.begin(plan.beginning)
            if begun.is_new:
                self._produce(begun.run, plan, begun_at)
                is_entered = True
        finally:
            if not is_entered:
                self._roster.release(owner)
        if begun.is_new and plan.title is not None:
            await self._give_title(owner, begun.run, plan.title)
        return begun

    def _begun(self, begin: asyncio.Task[Begun]) -> None:
        self._begins.discard(begin)
        if not begin.cancelled():
            # The caller may have left; its error is then nobody's, and not worth the loop's warning.
            begin.exception()

    def _produce(self, run: Run, plan: Plan, begun_at: float) -> None:
        work = Work(
            run=run,
            transcript=plan.transcript,
            first_batch=plan.beginning.first_batch,
            provider=plan.model.provider,
            prompt=plan.prompt,
            begun_at=begun_at,
        )
        producer = Producer(work, self._ports)
        self._roster.enter(producer)
        unsubscribe = self._ports.bus.on_stop(run.id, lambda: producer.stop("user"))

        def leave(ended: asyncio.Future[bool]) -> None:
            unsubscribe()
            self._roster.leave(producer)
            if not producer.is_upstream_closed:
                self._unconfirmed[run.id] = None
            if not ended.result():
                self._sweeper.adopt(run)
                return
            for handler in self._on_end:
                handler(run)

        producer.ended.add_done_callback(leave)
        producer.start()

    async def _give_title(self, owner: str, run: Run, title: str) -> None:
        """Name a kept conversation that had no name; who renamed it meanwhile wins."""
        with contextlib.suppress(CallerError):
            await self._ports.store.suggest_title(owner, run.conversation_id or "", title, source="words")

    def _follower(self, run_id: str, after: int, producer: Producer | None) -> Follower:
        log = None if producer is None else producer.log
        return Follower(run_id, after, log=log, journal=self._ports.store, limits=self._ports.limits)

    async def _follow_kept(self, owner: str, run_id: str, after: int) -> Follower:
        """Follow in the journal; an offset must be one that the log has."""
        run = await self._ports.store.get_run(owner, run_id)
        follower = self._follower(run_id, after, None)
        if after >= 0 or not run.is_live:
            found = await self._ports.store.read(run_id, after=after - 1, limit=1)
            if not found and after >= 0:
                raise _beyond()
            last = found[0].after(after - 1)
            follower.is_ended = last.is_terminal and last.next_seq - 1 == after
        return follower

    async def _stop_elsewhere(self, owner: str, run_id: str) -> Receipt:
        """Stop a run that is not produced here; only its producer can confirm that the upstream is closed."""
        store, clock = self._ports.store, self._ports.clock
        run = await store.get_run(owner, run_id)
        if not run.is_live:
            return receipt_of(run, upstream_closed=run_id not in self._unconfirmed)
        asked_at = clock.monotonic()
        run = await store.request_stop(owner, run_id, at=clock.now())
        if run.is_live and await self._ports.bus.send_stop(run_id):
            deadline = asked_at + self._ports.limits.stop_wait_s
            while run.is_live and clock.monotonic() < deadline:
                await asyncio.sleep(self._ports.limits.poll_s)
                run = await store.get_run(owner, run_id)
        stop_ms = round((clock.monotonic() - asked_at) * 1000, 3)
        return receipt_of(run, upstream_closed=False, stop_ms=stop_ms)


def _beyond() -> ConflictError:
    return ConflictError("The log of this run has not reached that offset. Read it from the start.", field="after")
