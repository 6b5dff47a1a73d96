"""The same for programs without an event loop: Flask, scripts, notebooks."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from types import TracebackType
from typing import Self, Unpack

from penstock.composition.settings import Settings
from penstock.core.events import Event, TextDelta
from penstock.core.messages import Run
from penstock.core.ports import ModelInfo
from penstock.providers.own_code import Pipeline
from penstock.toolkit.answer import Answer
from penstock.toolkit.answer_stream import AnswerStream
from penstock.toolkit.asking import Asking, Prompt
from penstock.toolkit.client import Client, Configuration
from penstock.toolkit.portal import Portal


class SyncAnswerStream:
    """One answer as it is made. Leaving the ``with`` stops it and closes the call upstream at once.

    ::

        with penstock.stream_sync("Why is the sky blue?") as answer:
            for text in answer.texts():
                print(text, end="")

    Iterating over it gives the canonical events, the terminal last.
    """

    def __init__(self, portal: Portal, stream: AnswerStream) -> None:
        """Make ``stream`` in the portal's loop."""
        self.portal = portal
        self.stream = stream
        """The answer itself, which belongs to the portal's loop."""
        self._at_end: list[Callable[[], None]] = []
        self._is_entered = False

    def __repr__(self) -> str:
        """Show the answer."""
        return f"SyncAnswerStream({self.stream!r})"

    def __enter__(self) -> Self:
        """Ask the model service; raises `CallerError` when the request is at fault."""
        try:
            self.portal.call(self.stream.__aenter__())
        except BaseException:
            self._leave()
            raise
        self._is_entered = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop what is not whole, and close."""
        try:
            self.portal.call(self.stream.__aexit__(None, None, None))
        finally:
            self._leave()

    def __iter__(self) -> Generator[Event]:
        """Give the events as they come; the last one says how it ended."""
        if not self._is_entered:
            with self:
                yield from self
            return
        log = self.stream.log
        while log.unread or self.portal.call(log.advance()):
            yield log.unread.popleft()

    def texts(self) -> Iterator[str]:
        """Give the pieces of text alone; raises `AnswerError` at the end of an answer that is not whole."""
        for event in self:
            if isinstance(event, TextDelta) and event.text:
                yield event.text
        self.answer.raise_for_status()

    def call_at_end(self, callback: Callable[[], None]) -> None:
        """Call it when the answer is left, whatever came of it."""
        self._at_end.append(callback)

    def stop(self) -> bool:
        """Stop it: the call upstream is closed at once. True when its socket is known to be closed."""
        return self.portal.call(self.stream.stop())

    @property
    def run(self) -> Run:
        """Its ids, and the model that was asked for."""
        return self.stream.run

    @property
    def answer(self) -> Answer:
        """What was read so far; after the ``with``, all there is."""
        return self.stream.answer

    def _leave(self) -> None:
        while self._at_end:
            self._at_end.pop()()


class SyncClient:
    """A `Client` for programs without an event loop; threads may share it."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        pipelines: Mapping[str, Pipeline] | None = None,
        **configuration: Unpack[Configuration],
    ) -> None:
        """Read the configuration; raises `SettingsError` with one sentence when it is wrong."""
        self._client = Client(settings, pipelines=pipelines, **configuration)
        self._portal = Portal()

    def __repr__(self) -> str:
        """Show the models."""
        return f"Sync{self._client!r}"

    def __enter__(self) -> Self:
        """Give the client itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close all connections."""
        self.close()

    def stream(self, prompt: Prompt, **asking: Unpack[Asking]) -> SyncAnswerStream:
        """Ask for an answer as it is made; raises `CallerError` that names the field at fault."""
        return SyncAnswerStream(self._portal, self._client.stream(prompt, **asking))

    def collect(self, prompt: Prompt, **asking: Unpack[Asking]) -> Answer:
        """Ask for a whole answer; raises `AnswerError`, which has the part that there is, when it is not whole."""
        return self._portal.call(self._client.collect(prompt, **asking))

    def list_models(self) -> tuple[ModelInfo, ...]:
        """Give the configured models, the default one first."""
        return self._portal.call(self._client.list_models())

    def close(self) -> None:
        """Close all connections; an answer after that opens them again."""
        self._portal.call(self._client.close())
        self._portal.close()
