"""One run's log as it is written: its order, its fold and its next offset kept in step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from penstock.core.errors import ProtocolError
from penstock.core.events import (
    CONTENT_EVENTS,
    Event,
    RunFailed,
    RunFinished,
    RunInterrupted,
    RunStarted,
    RunStopped,
    StepFinished,
    StepStarted,
    Terminal,
    Usage,
)
from penstock.core.fold import Folder
from penstock.core.log import Batch, make_batch
from penstock.core.messages import FoldedMessage
from penstock.core.order import Order

_OURS: Final = frozenset({RunStarted, RunFinished, RunFailed, RunStopped, RunInterrupted})
_CONTENT: Final = frozenset(CONTENT_EVENTS)


class Transcript:
    """Takes events in order and makes them batches. It knows nothing of where they are kept."""

    def __init__(self) -> None:
        """Start before the first event."""
        self._order = Order()
        self._folder = Folder()
        self.next_seq = 0
        self._unwritten: tuple[Event, ...] = ()
        self.has_step = False
        """Whether the model service has accepted a call."""
        self.finished: StepFinished | None = None
        """The last proof of completion, until another step starts."""
        self.usage: Usage | None = None
        self.is_usage_final = True
        """False once content came after the last usage."""

    def __repr__(self) -> str:
        """Show the offset and the order."""
        return f"Transcript(next_seq={self.next_seq}, order={self._order!r})"

    @property
    def message(self) -> FoldedMessage:
        """The message so far."""
        return self._folder.message

    @property
    def is_ended(self) -> bool:
        """Whether the terminal was taken."""
        return self._order.phase == "ended"

    @property
    def is_complete(self) -> bool:
        """Whether the service proved that the answer is complete."""
        return self.finished is not None

    def open(self, started: RunStarted) -> Batch:
        """Take offset 0."""
        self._take(started)
        return self._batch((started,))

    def reopen(self, started: RunStarted) -> None:
        """Take offset 0 of a log that was lost; it is written with the end."""
        self._take(started)
        self._unwritten = (started,)

    def write(self, events: tuple[Event, ...]) -> tuple[Batch | None, ProtocolError | None]:
        """Take what the model service gave.

        When an event may not come, the batch has what came before it, and the error comes back beside it: what was
        taken must be logged before the run fails.
        """
        for index, event in enumerate(events):
            try:
                if type(event) in _OURS:
                    message = f"A model service may not send {type(event).__name__}."
                    raise ProtocolError(message)  # noqa: TRY301 - one path for both refusals
                self._take(event)
            except ProtocolError as error:
                taken = events[:index]
                return (self._batch(taken) if taken else None), error
        return self._batch(events), None

    def end(self, usage: Usage | None, terminal: Terminal) -> Batch:
        """End every open part, then the run: the last batch."""
        events = [*self._order.ends(), *([usage] if usage is not None else []), terminal]
        for event in events:
            self._take(event)
        return self._batch([*self._unwritten, *events])

    def conclude(self) -> Terminal:
        """Say how a stream that is over ended: only what the service has proved to be complete is finished."""
        if self.finished is None:
            return RunInterrupted(cause="upstream-eof")
        return RunFinished(finish_reason=self.finished.finish_reason, raw=self.finished.raw)

    def replay(self, batches: Iterable[Batch]) -> None:
        """Take a kept log, up to the first gap if it has one: what is behind a gap was never visible."""
        for batch in batches:
            rest = batch.after(self.next_seq - 1)
            if rest.first_seq != self.next_seq:
                return
            for event in rest.events:
                self._take(event)
            self.next_seq = rest.next_seq

    def _take(self, event: Event) -> None:
        self._order.accept(event)
        self._folder.feed(event)
        kind = type(event)
        if kind in _CONTENT:
            self.is_usage_final = False
        elif isinstance(event, Usage):
            self.usage = event
            self.is_usage_final = True
        elif isinstance(event, StepStarted):
            self.has_step = True
            self.finished = None
        elif isinstance(event, StepFinished):
            self.finished = event

    def _batch(self, events: Sequence[Event]) -> Batch:
        batch = make_batch(self.next_seq, events)
        self.next_seq = batch.next_seq
        return batch
