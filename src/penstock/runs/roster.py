"""The runs that this process produces now, and those that just ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Generator

from penstock.core.errors import UnavailableError
from penstock.core.requests import ChatRequest
from penstock.runs.limits import Limits
from penstock.runs.producer import Producer


class Roster:
    """Who produces what: looked up by run, counted by owner."""

    def __init__(self, limits: Limits) -> None:
        """Start empty."""
        self._limits = limits
        self._live: dict[str, Producer] = {}
        self._ended: dict[str, tuple[Producer, asyncio.TimerHandle]] = {}
        self._announced: set[str] = set()
        self._reserved = 0
        self._by_owner: Counter[str] = Counter()

    def __repr__(self) -> str:
        """Show the counts."""
        return f"Roster(live={len(self._live)}, ended={len(self._ended)})"

    @property
    def live(self) -> list[Producer]:
        """All that still produce."""
        return list(self._live.values())

    def find(self, owner: str, run_id: str) -> Producer | None:
        """Give the producer of the owner's run, also when it just ended."""
        producer = self._live.get(run_id)
        if producer is None and run_id in self._ended:
            producer = self._ended[run_id][0]
        return producer if producer is not None and producer.run.owner == owner else None

    def find_repeat(self, owner: str, request: ChatRequest) -> Producer | None:
        """Give the live run that the same client message id started."""
        if request.client_message_id is None:
            return None
        wanted = (owner, request.conversation_id, request.client_message_id)
        for producer in self._live.values():
            run = producer.run
            if (run.owner, run.conversation_id, run.client_message_id) == wanted:
                return producer
        return None

    def reserve(self, owner: str) -> None:
        """Take a place for a run; raises `UnavailableError` when there is none. `release` gives it back."""
        self._check_limits(owner)
        self.take_place(owner)

    def take_place(self, owner: str) -> None:
        """Take a place whatever the limits: for a run that is live already, and was another instance's."""
        self._reserved += 1
        self._by_owner[owner] += 1

    def _check_limits(self, owner: str) -> None:
        if self._reserved >= self._limits.live_runs:
            message = "The server makes as many answers as it can. Try again in a moment."
            raise UnavailableError(message)
        most = self._limits.live_runs_per_owner
        if most is not None and self._by_owner[owner] >= most:
            message = f"You have {most} answers in the making, which is the limit. Wait for one, or stop one."
            raise UnavailableError(message, code="too_many_runs")

    def release(self, owner: str) -> None:
        """Give a place back."""
        self._reserved -= 1
        self._by_owner[owner] -= 1
        if not self._by_owner[owner]:
            del self._by_owner[owner]

    @contextlib.contextmanager
    def announce(self, run_id: str) -> Generator[None]:
        """Say that the run is being begun: it may be kept some time before it can be entered."""
        self._announced.add(run_id)
        try:
            yield
        finally:
            self._announced.discard(run_id)

    def has(self, run_id: str) -> bool:
        """Tell whether the run is produced here, or is going to be."""
        return run_id in self._live or run_id in self._announced

    def enter(self, producer: Producer) -> None:
        """Note a live run, in the place reserved for it."""
        self._live[producer.run.id] = producer

    def leave(self, producer: Producer) -> None:
        """Note its end; it can be found for a moment longer, for followers that are on their way."""
        run = producer.run
        if self._live.pop(run.id, None) is None:
            return
        self.release(run.owner)
        if producer.is_lost:
            return
        loop = asyncio.get_running_loop()
        self._ended[run.id] = (producer, loop.call_later(self._limits.linger_s, self._ended.pop, run.id))

    def close(self) -> None:
        """Forget what ended."""
        for _, timer in self._ended.values():
            timer.cancel()
        self._ended.clear()
