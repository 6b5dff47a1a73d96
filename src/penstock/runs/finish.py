"""The one way a run ends, for producers and for recovery: an ending written by compare-and-set, then made visible."""

from __future__ import annotations

import asyncio
import logging

import msgspec

from penstock.core.errors import GoneError, StoreError, UnavailableError
from penstock.core.events import RunStarted, Terminal
from penstock.core.messages import Run
from penstock.core.storage import Ending
from penstock.core.usage import Timings
from penstock.runs.ending import Bill, make_ending
from penstock.runs.live_log import LiveLog
from penstock.runs.ports import Ports
from penstock.runs.transcript import Transcript

_log = logging.getLogger(__name__)


class Finisher:
    """Ends one run. Refusals of the store are tried again a bounded number of times; never visible before durable."""

    def __init__(self, run: Run, ports: Ports) -> None:
        """Remember what is to be ended."""
        self._run = run
        self._ports = ports

    def __repr__(self) -> str:
        """Show the run."""
        return f"Finisher({self._run.id!r})"

    @staticmethod
    def unavailable() -> UnavailableError:
        """Give what followers are told when the end could not be kept."""
        return UnavailableError("The end of this answer could not be stored yet. Read the run again in a moment.")

    async def finish(
        self, transcript: Transcript, terminal: Terminal, *, bill: Bill, timings: Timings | None, log: LiveLog | None
    ) -> bool:
        """End the run; True when it has a durable terminal now, whoever wrote it."""
        terminal = msgspec.structs.replace(terminal, timings=timings)
        ending = make_ending(self._run, transcript, terminal, bill=bill, at=self._ports.clock.now())
        if await self._write(ending):
            self._ports.endings[ending.status] += 1
            if log is not None:
                log.publish(ending.last_batch)
            return True
        return await self._adopt(log)

    async def finish_kept(
        self, terminal: Terminal, *, bill: Bill, timings: Timings | None, log: LiveLog | None
    ) -> bool:
        """End the run on what the journal has: after a restart, and when memory is ahead of what could be kept."""
        transcript = await self._read_kept()
        if transcript.is_ended:
            return await self._adopt(log)
        return await self.finish(transcript, terminal, bill=bill, timings=timings, log=log)

    async def _read_kept(self) -> Transcript:
        transcript = Transcript()
        try:
            transcript.replay(await self._ports.store.read(self._run.id))
        except GoneError:
            _log.warning("The log of run %s is gone; it ends without text.", self._run.id)
        if transcript.next_seq == 0:
            run = self._run
            transcript.reopen(
                RunStarted(
                    run_id=run.id,
                    message_id=run.message_id,
                    model=run.model,
                    provider="unknown",
                    conversation_id=run.conversation_id,
                )
            )
        return transcript

    async def _write(self, ending: Ending) -> bool:
        for delay_s in self._ports.limits.finish_delays_s:
            try:
                return await self._ports.store.finish(ending)
            except StoreError as error:
                _log.warning("Run %s could not be ended yet: %r", ending.run_id, error)
            await asyncio.sleep(delay_s)
        return await self._ports.store.finish(ending)

    async def _adopt(self, log: LiveLog | None) -> bool:
        """Show the terminal that is kept: another's, or one of ours whose commit was reported as failed."""
        if log is None:
            return True
        for batch in await self._ports.store.read(self._run.id, after=log.next_seq - 1):
            if batch.first_seq == log.next_seq:
                log.publish(batch)
        return log.is_ended
