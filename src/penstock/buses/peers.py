"""What instances say to each other, over any transport: who watches which run, its live batches, stops and receipts.

A producer sends batches only to the instances that watch, so that a run nobody watches elsewhere costs nothing. A watch
is said again every few seconds and forgotten when it is not: an instance that dies, or a transport that forgets
everything, needs no repair. Nothing here is the record: a batch that is lost shows as a gap, and who watches reads the
journal.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Callable
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from penstock.buses.tasks import end
from penstock.core.log import Batch, read_batch
from penstock.core.offers import Offer, StopAnswer

RENEW_S: Final = 4.0
_FORGET_S: Final = 3 * RENEW_S
_ANSWER_S: Final = 0.8
_END_S: Final = 0.8
"""What the end of a run seldom needs; who asked for it looks into the journal then."""
_TRIES: Final = 2

_log = logging.getLogger(__name__)


class Transport(Protocol):
    """Carries messages between instances; those to one address arrive in order, or not at all."""

    most_bytes: int | None
    """Size of the largest message; None is unbounded."""

    @property
    def is_connected(self) -> bool:
        """Whether messages go out and come in now."""
        ...

    async def open(self, address: str, *, hear: Callable[[bytes], None], greet: Callable[[], None]) -> None:
        """Begin to carry; ``greet`` is called whenever a connection was made, also again. Never fails: it tries on."""
        ...

    def send(self, address: str | None, message: bytes) -> None:
        """Send to one instance, or to all for None; returns at once, and drops what can't be sent."""
        ...

    async def close(self) -> None:
        """Send what waits if that is quick, and leave."""
        ...


class _Stop(Struct, tag="stop"):
    run: str
    owner: str
    id: str
    back: str


class _Stopping(Struct, tag="stopping"):
    """The stop arrived; said again when the run has ended."""

    id: str
    has_ended: bool = False


class _Watch(Struct, tag="watch"):
    runs: list[str]
    back: str


class _Unwatch(Struct, tag="unwatch"):
    run: str
    back: str


class _Live(Struct, tag="live"):
    """The lines of the batch follow the head; without them it is a mere wake-up."""

    run: str
    seq: int | None = None


_Head = _Stop | _Stopping | _Watch | _Unwatch | _Live

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Head).decode


class _Asked:
    """A stop that was sent, and what came back."""

    def __init__(self) -> None:
        self.is_heard = asyncio.Event()
        self.is_ended = asyncio.Event()


class PeerBus:
    """Implements `core.ports.Bus` over a transport; made by `open`."""

    def __init__(self, transport: Transport) -> None:
        """Prepare; nothing is sent before `open`."""
        self._transport = transport
        self._address = uuid.uuid4().hex[:16]
        self._offers: dict[str, Offer] = {}
        self._watchers: dict[str, dict[str, float]] = {}
        self._watches: dict[str, Callable[[Batch | None], None]] = {}
        self._asked: dict[str, _Asked] = {}
        self._renewing: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, transport: Transport) -> PeerBus:
        """Join the others."""
        bus = cls(transport)
        await transport.open(bus._address, hear=bus._hear, greet=bus._greet)
        bus._renewing = asyncio.create_task(bus._renew(), name="bus")
        return bus

    def __repr__(self) -> str:
        return f"PeerBus({self._transport!r}, runs={len(self._offers)}, watches={len(self._watches)})"

    @property
    def is_connected(self) -> bool:
        """Whether others can be reached now."""
        return self._transport.is_connected

    async def send_stop(self, run_id: str, *, owner: str) -> StopAnswer:
        """Ask the producer, wherever it is; a stop may arrive twice."""
        stop = _Stop(run=run_id, owner=owner, id=uuid.uuid4().hex, back=self._address)
        asked = self._asked[stop.id] = _Asked()
        try:
            for _ in range(_TRIES):
                if run_id in self._offers:
                    self._obey_stop(stop)
                else:
                    self._send(None, stop)
                if await _is_set(asked.is_heard, _ANSWER_S / _TRIES):
                    return "ended" if await _is_set(asked.is_ended, _END_S) else "heard"
            return "unheard"
        finally:
            del self._asked[stop.id]

    def offer(self, run_id: str, offer: Offer) -> Callable[[], None]:
        """Say that the run is produced here, to those who ask; the result may be called twice."""
        self._offers[run_id] = offer

        def withdraw() -> None:
            if self._offers.get(run_id) is offer:
                del self._offers[run_id]
                if self._watchers.pop(run_id, None) is not None:
                    offer.forward(None)

        return withdraw

    def watch(self, run_id: str, hear: Callable[[Batch | None], None]) -> Callable[[], None]:
        """Ask for the run's live batches; the result may be called twice."""
        self._watches[run_id] = hear
        self._send(None, _Watch(runs=[run_id], back=self._address))

        def unwatch() -> None:
            if self._watches.get(run_id) is hear:
                del self._watches[run_id]
                self._send(None, _Unwatch(run=run_id, back=self._address))

        return unwatch

    async def close(self) -> None:
        """Leave the others."""
        if self._renewing is not None:
            await end(self._renewing)
            self._renewing = None
            await self._transport.close()

    def _send(self, address: str | None, head: _Head, body: bytes = b"") -> None:
        message = b"%b\n%b" % (_encode(head), body) if body else _encode(head)
        most = self._transport.most_bytes
        if most is not None and len(message) > most and isinstance(head, _Live):
            message = _encode(_Live(run=head.run))
        self._transport.send(address, message)

    # --- what goes on by itself ---------------------------------------------------------------------------------------

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            self._greet()
            now = asyncio.get_running_loop().time()
            for run_id, watchers in tuple(self._watchers.items()):
                for address in [address for address, until in watchers.items() if until < now]:
                    self._forget_watcher(run_id, address)

    def _greet(self) -> None:
        """Say all watches again: a transport that forgot them, or a producer that was away, learns of them."""
        if self._watches:
            self._send(None, _Watch(runs=list(self._watches), back=self._address))
            for hear in tuple(self._watches.values()):
                hear(None)

    # --- what is heard ------------------------------------------------------------------------------------------------

    def _hear(self, message: bytes) -> None:
        head_bytes, _, body = message.partition(b"\n")
        try:
            self._obey(_decode(head_bytes), body)
        except msgspec.DecodeError as error:
            _log.warning("A message on the bus could not be read: %s", error)

    def _obey(self, head: _Head, body: bytes) -> None:
        match head:
            case _Live():
                hear = self._watches.get(head.run)
                if hear is not None:
                    hear(None if head.seq is None else read_batch(head.seq, body))
            case _Watch():
                for run_id in head.runs:
                    self._note_watcher(run_id, head.back)
            case _Unwatch():
                self._forget_watcher(head.run, head.back)
            case _Stop():
                self._obey_stop(head)
            case _Stopping():
                self._note_answer(head)

    def _obey_stop(self, stop: _Stop) -> None:
        offer = self._offers.get(stop.run)
        if offer is not None and offer.owner == stop.owner:
            self._answer(stop, _Stopping(id=stop.id))
            offer.stop()
            offer.on_end(lambda: self._answer(stop, _Stopping(id=stop.id, has_ended=True)))

    def _answer(self, stop: _Stop, answer: _Stopping) -> None:
        if stop.back == self._address:
            self._note_answer(answer)
        else:
            self._send(stop.back, answer)

    def _note_answer(self, answer: _Stopping) -> None:
        asked = self._asked.get(answer.id)
        if asked is not None:
            asked.is_heard.set()
            if answer.has_ended:
                asked.is_ended.set()

    def _note_watcher(self, run_id: str, address: str) -> None:
        if run_id not in self._offers or address == self._address:
            return
        watchers = self._watchers.setdefault(run_id, {})
        is_first, is_new = not watchers, address not in watchers
        watchers[address] = asyncio.get_running_loop().time() + _FORGET_S
        if is_first:
            self._offers[run_id].forward(lambda batch: self._forward(run_id, batch))
        if is_new:
            # What came between its look into the journal and now is not sent: it looks once more.
            self._send(address, _Live(run=run_id))

    def _forget_watcher(self, run_id: str, address: str) -> None:
        watchers = self._watchers.get(run_id, {})
        if watchers.pop(address, None) is not None and not watchers:
            del self._watchers[run_id]
            self._offers[run_id].forward(None)

    def _forward(self, run_id: str, batch: Batch) -> None:
        head = _Live(run=run_id, seq=batch.first_seq)
        body = batch.frames[0] if len(batch.frames) == 1 else b"\n".join(batch.frames)
        for address in self._watchers.get(run_id, ()):
            self._send(address, head, body)


async def _is_set(event: asyncio.Event, timeout_s: float) -> bool:
    """Wait for it at most so long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()
    return event.is_set()
