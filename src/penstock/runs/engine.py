"""The engine's face: begin, follow, stop, recover, drain, and the reads of runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Unpack

from penstock.core.errors import CallerError, ConflictError, UnavailableError
from penstock.core.events import StoppedBy
from penstock.core.messages import Run, RunStatus
from penstock.core.offers import Offer
from penstock.core.ports import Provider, ResumingProvider
from penstock.core.requests import ChatRequest
from penstock.core.storage import Begun, Claim, LogEnd
from penstock.runs.beginning import Plan, plan_beginning
from penstock.runs.follower import Follower
from penstock.runs.limits import Limits
from penstock.runs.live_log import LiveLog
from penstock.runs.looks import Looks
from penstock.runs.mirror import Forwarding, Mirror, Mirrors
from penstock.runs.pages import Pages
from penstock.runs.ports import Adapters, Ports
from penstock.runs.producer import Producer, Work
from penstock.runs.receipt import Receipt, receipt_of
from penstock.runs.recovery import recover
from penstock.runs.roster import Roster
from penstock.runs.sweeper import Sweeper
from penstock.runs.transcript import Transcript
from penstock.runs.watch import Watch


class Engine:
    """Makes answers. One per process; it belongs to the event loop that it was started on."""

    def __init__(self, *, limits: Limits | None = None, **adapters: Unpack[Adapters]) -> None:
        """Take the adapters by the names of their ports; nothing happens before `start`."""
        limits = limits or Limits()
        pages = Pages(adapters["store"], page_batches=limits.page_batches)
        self._ports = Ports(limits=limits, instance=adapters["ids"].make("inst"), pages=pages, **adapters)
        self._roster = Roster(limits)
        self._sweeper = Sweeper(self._ports)
        self._sweeping: asyncio.Task[None] | None = None
        self._mirrors = Mirrors(self._ports)
        self._run_looks: Looks[tuple[str, str], Run] = Looks()
        self._end_looks: Looks[str, LogEnd] = Looks()
        self._watch = Watch(self._ports, self._roster, self._recover)
        self._begins: set[asyncio.Task[Begun]] = set()
        self._on_end: list[Callable[[Run], None]] = []
        self.is_draining = False

    def __repr__(self) -> str:
        """Show the runs and whether new ones are taken."""
        return f"Engine({self._roster!r}, is_draining={self.is_draining})"

    @property
    def live_count(self) -> int:
        """How many runs are produced now."""
        return len(self._roster.live)

    @property
    def endings(self) -> Mapping[RunStatus, int]:
        """How many runs were ended here since the start, by how they ended: those of dead instances too."""
        return self._ports.endings

    def on_end(self, handler: Callable[[Run], None]) -> None:
        """Call ``handler`` for each run produced here once its end is durable; it has to return at once."""
        self._on_end.append(handler)

    async def start(self) -> int:
        """Look after the runs that were lost, and go on looking, and sweeping; gives how many orphans there were."""
        count = await self._watch.start()
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
        await self._watch.close()
        self._mirrors.close()
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
        if producer is None or after >= producer.log.next_seq:
            # A reader may come from another instance, with more than this one knows to be durable yet.
            return await self._follow_elsewhere(owner, run_id, after)
        return Follower(run_id, after, log=producer.log, ports=self._ports)

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
        """Look after the runs of dead instances now: they go on here, or end as interrupted; gives how many."""
        return await self._watch.recover()

    async def drain(self, grace_s: float) -> None:
        """Take no new runs; let those that live end within the grace.

        Then those go over to another instance whose service goes on by itself, and the others end as ``shutdown``.
        """
        self.is_draining = True
        if self._begins:
            await asyncio.wait(tuple(self._begins))
        live = self._roster.live
        if live and grace_s > 0:
            await asyncio.wait([producer.ended for producer in live], timeout=grace_s)
        live = self._roster.live
        for producer in live:
            if not producer.hand_over():
                producer.stop("shutdown")
        if live:
            await asyncio.wait([producer.ended for producer in live])

    async def get_run(self, owner: str, run_id: str) -> Run:
        """Give the run as it is kept."""
        return await self._ports.store.get_run(owner, run_id)

    async def find_run(self, owner: str, run_id: str) -> Run:
        """Give the run as it was begun, from memory when it is produced or followed here; its state may be older."""
        producer, mirror = self._roster.find(owner, run_id), self._mirrors.find(owner, run_id)
        if producer is not None:
            return producer.run
        if mirror is not None:
            return mirror.run
        return await self._run_looks.share((owner, run_id), lambda: self.get_run(owner, run_id))

    async def find_live_run(self, owner: str, conversation_id: str) -> Run | None:
        """Give the newest run of the conversation that has no terminal."""
        return await self._ports.store.find_live_run(owner, conversation_id)

    async def _begin(self, owner: str, request: ChatRequest) -> Begun:
        begun_at = self._ports.clock.monotonic()
        is_entered = False
        try:
            plan = await plan_beginning(owner, request, self._ports)
            with self._roster.announce(plan.beginning.run.id):
                begun = await self._ports.store.begin(plan.beginning)
                if begun.is_new:
                    self._produce(self._work_of(begun.run, plan, begun_at))
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

    def _work_of(self, run: Run, plan: Plan, begun_at: float) -> Work:
        log = LiveLog(self._ports.limits.live_log_bytes)
        log.publish(plan.beginning.first_batch)
        return Work(
            run=run,
            transcript=plan.transcript,
            log=log,
            provider=plan.model.provider,
            prompt=plan.prompt,
            begun_at=begun_at,
        )

    def _produce(self, work: Work) -> Producer:
        run = work.run
        producer = Producer(work, self._ports)
        self._roster.enter(producer)
        offer = Offer(
            owner=run.owner,
            on_end=producer.on_end,
            stop=lambda: producer.stop("user"),
            forward=Forwarding(producer.log).forward,
        )
        withdraw = self._ports.bus.offer(run.id, offer)

        def leave(ended: asyncio.Future[bool]) -> None:
            withdraw()
            self._roster.leave(producer)
            if producer.is_lost and not self.is_draining:
                self._mirrors.keep(run, producer.log)
            if ended.result():
                for handler in self._on_end:
                    handler(run)

        producer.ended.add_done_callback(leave)
        producer.start()
        return producer

    async def _recover(self, orphans: Sequence[Run]) -> Sequence[Run]:
        """Look after runs whose producer was lost; gives those that are to be tried again."""
        return orphans if self.is_draining else await recover(orphans, self._ports, self._take_over)

    async def _take_over(self, claim: Claim) -> bool:
        """Go on with a run of another instance, when its service goes on by itself."""
        run, ports = claim.run, self._ports
        provider = self._find_provider(run)
        if claim.resume_token is None or not isinstance(provider, ResumingProvider):
            return False
        batches = await ports.store.read(run.id)
        transcript = Transcript()
        transcript.replay(batches)
        log = self._mirrors.take(run.id) or LiveLog(ports.limits.live_log_bytes, next_seq=transcript.next_seq)
        for batch in batches:
            if batch.next_seq > log.next_seq:
                log.publish(batch.after(log.next_seq - 1))
        self._roster.take_place(run.owner)
        work = Work(
            run=run,
            transcript=transcript,
            log=log,
            provider=provider,
            prompt=None,
            resume_token=claim.resume_token,
            begun_at=ports.clock.monotonic() - (ports.clock.now() - run.created_at),
        )
        producer = self._produce(work)
        if run.stop_requested_at is not None:
            producer.stop("user")
        return True

    def _find_provider(self, run: Run) -> Provider | None:
        try:
            return self._ports.catalog.find(run.model).provider
        except CallerError:  # the model is not configured any more
            return None

    async def _give_title(self, owner: str, run: Run, title: str) -> None:
        """Name a kept conversation that had no name; who renamed it meanwhile wins."""
        with contextlib.suppress(CallerError):
            await self._ports.store.suggest_title(owner, run.conversation_id or "", title, source="words")

    def _follow_mirror(self, mirror: Mirror, after: int) -> Follower:
        release = self._mirrors.hold(mirror)
        return Follower(mirror.run.id, after, log=mirror.log, ports=self._ports, release=release)

    async def _follow_elsewhere(self, owner: str, run_id: str, after: int) -> Follower:
        """Follow a log that is written elsewhere, or no more; an offset must be one that it has."""
        mirror = self._mirrors.find(owner, run_id)
        if mirror is not None and after < mirror.log.next_seq:
            return self._follow_mirror(mirror, after)
        run = await self.find_run(owner, run_id)
        end = await self._end_looks.share(run_id, partial(self._ports.store.find_end, run_id))
        if after >= end.next_seq:
            # Another reader's look may have begun before this one saw so much.
            end = await self._ports.store.find_end(run_id)
        if after >= end.next_seq:
            raise _beyond()
        if not end.is_closed:
            return self._follow_mirror(self._mirrors.open(run, end), after)
        log = LiveLog(self._ports.limits.live_log_bytes, next_seq=end.next_seq, is_ended=True)
        return Follower(run_id, after, log=log, ports=self._ports)

    async def _stop_elsewhere(self, owner: str, run_id: str) -> Receipt:
        """Stop a run that is not produced here: over the bus, and by a note that its producer finds without one.

        Both at once: the bus is the quicker of the two, and the note is what a claimant of the run would find.
        """
        store, clock = self._ports.store, self._ports.clock
        asked_at, asked_on = clock.monotonic(), clock.now()
        sending = asyncio.create_task(self._ports.bus.send_stop(run_id, owner=owner))
        try:
            run = await store.request_stop(owner, run_id, at=asked_on)
            answer = await sending if run.is_live else "ended"
        finally:
            sending.cancel()
        if run.ended_at is not None and run.ended_at < asked_on:
            return receipt_of(run)
        if run.is_live and answer == "ended":
            run = await store.get_run(owner, run_id)
        if run.is_live:
            limits = self._ports.limits
            await self._wait_for_end(run, limits.unheard_stop_wait_s if answer == "unheard" else limits.stop_wait_s)
            run = await store.get_run(owner, run_id)
        stop_ms = round((clock.monotonic() - asked_at) * 1000, 3)
        return receipt_of(run, delivered=answer != "unheard" or not run.is_live, stop_ms=stop_ms)

    async def _wait_for_end(self, run: Run, timeout_s: float) -> None:
        """Wait until a run that is produced elsewhere has its end here."""
        mirror = self._mirrors.find(run.owner, run.id)
        if mirror is None:
            end = await self._ports.store.find_end(run.id)
            mirror = self._mirrors.open(run, end)
        release = self._mirrors.hold(mirror)
        try:
            await mirror.log.wait_for_end(timeout_s)
        finally:
            release()


def _beyond() -> ConflictError:
    return ConflictError("The log of this run has not reached that offset. Read it from the start.", field="after")
