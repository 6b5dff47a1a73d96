"""Events -> an `Answer`, with callbacks for who wants to know in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from penstock.core.events import Event, RunFailed, RunFinished, RunInterrupted, RunStopped, StepReset, TextDelta
from penstock.core.fold import Folder
from penstock.toolkit.answer import Answer, AnswerError

OnToken = Callable[[str], object]
OnComplete = Callable[[Answer], object]
OnError = Callable[[AnswerError], object]


class Collector:
    """Feed it every event of an answer in order; `answer` is what they said so far.

    ``on_token`` gets each piece of text, ``on_complete`` the answer when it is whole, and ``on_error`` why it is not.
    An answer that its reader stopped is neither. What a callback raises comes out of `feed`.
    """

    def __init__(
        self,
        *,
        on_token: OnToken | None = None,
        on_complete: OnComplete | None = None,
        on_error: OnError | None = None,
    ) -> None:
        self._folder = Folder()
        self._chunks: list[str] = []
        self._on_token = on_token
        self._on_complete = on_complete
        self._on_error = on_error

    def __repr__(self) -> str:
        return f"Collector(status={self._folder.message.status!r}, chunks={len(self._chunks)})"

    @property
    def answer(self) -> Answer:
        """The answer as of the last event fed."""
        return Answer(message=self._folder.message, chunks=tuple(self._chunks))

    def feed(self, event: Event) -> None:
        """Take one event."""
        self._folder.feed(event)
        match event:
            case TextDelta() if event.text:
                self._chunks.append(event.text)
                if self._on_token is not None:
                    self._on_token(event.text)
            case StepReset():
                # What the service took back is no part of the answer; only the fold knows what is left.
                self._chunks = [text] if (text := self._folder.message.text) else []
            case RunFinished() | RunFailed() | RunStopped() | RunInterrupted():
                self._end()
            case _:
                pass

    def feed_all(self, events: Iterable[Event]) -> None:
        """Take several."""
        for event in events:
            self.feed(event)

    def _end(self) -> None:
        answer = self.answer
        error = answer.error
        if error is not None and self._on_error is not None:
            self._on_error(error)
        elif answer.status == "finished" and self._on_complete is not None:
            self._on_complete(answer)
