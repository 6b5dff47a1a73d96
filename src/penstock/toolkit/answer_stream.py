"""One answer as it is made, for an asynchronous program."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Self

from penstock.core.errors import PenstockError
from penstock.core.events import Event, TextDelta
from penstock.core.log import Batch
from penstock.core.messages import Run
from penstock.runs.direct import DirectRun
from penstock.toolkit.answer import Answer
from penstock.toolkit.collector import Collector

Begin = Callable[[], AbstractAsyncContextManager[DirectRun]]
"""Opens what is needed for one answer, and closes it again."""


class MisuseError(PenstockError):
    """The toolkit was used in a way that cannot work: a defect of the program."""

    code = "misuse"


class AnswerStream:
    """One answer as it is made. Leaving the ``async with`` stops it and closes the call upstream at once.

    ::

        async with penstock.stream("Why is the sky blue?") as answer:
            async for text in answer.texts():
                print(text, end="")

    Iterating over it gives the canonical events, the terminal last; iterating without ``async with`` opens and closes
    it too. It is made once: ask again for another.
    """

    def __init__(self, begin: Begin) -> None:
        """Prepare; nothing is sent before it is entered."""
        self._begin = begin
        self._stack = AsyncExitStack()
        self._log: AnswerLog | None = None

    def __repr__(self) -> str:
        """Show how far it was read."""
        return f"AnswerStream({self._log!r})"

    async def __aenter__(self) -> Self:
        """Ask the model service; raises `CallerError` when the request is at fault."""
        if self._log is not None:
            message = "An answer is made once: ask again for another."
            raise MisuseError(message)
        try:
            run = await self._stack.enter_async_context(self._begin())
        except BaseException:
            await self._stack.aclose()
            raise
        self._log = AnswerLog(run)
        run.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop what is not whole, and close."""
        try:
            await self.stop()
            await self.log.read()
        finally:
            await self._stack.aclose()

    async def __aiter__(self) -> AsyncGenerator[Event]:
        """Give the events as they come; the last one says how it ended."""
        if self._log is None:
            async with self:
                async for event in self:
                    yield event
            return
        unread = self.log.unread
        while unread or await self.log.advance():
            yield unread.popleft()

    async def texts(self) -> AsyncGenerator[str]:
        """Give the pieces of text alone; raises `AnswerError` at the end of an answer that is not whole."""
        async for event in self:
            if isinstance(event, TextDelta) and event.text:
                yield event.text
        self.answer.raise_for_status()

    def call_at_end(self, callback: Callable[[], Awaitable[None]]) -> None:
        """Call it when the answer is left, whatever came of it."""
        self._stack.push_async_callback(callback)

    async def stop(self) -> bool:
        """Stop it: the call upstream is closed at once. True when its socket is known to be closed.

        The events that are left, the terminal among them, can still be read. An answer that has ended stays as it is.
        """
        return await self.log.run.stop()

    @property
    def run(self) -> Run:
        """Its ids, and the model that was asked for."""
        return self.log.run.run

    @property
    def answer(self) -> Answer:
        """What was read so far; after the ``async with``, all there is."""
        return self.log.answer

    @property
    def log(self) -> AnswerLog:
        """Its log, for encoders of a wire."""
        if self._log is None:
            message = "This answer was not asked for yet: use `async with`."
            raise MisuseError(message)
        return self._log


class AnswerLog:
    """The log of an answer, folded as it is read; what an encoder of a wire follows."""

    def __init__(self, run: DirectRun) -> None:
        """Read this run."""
        self.run = run
        self.unread: deque[Event] = deque()
        """What a loop that was left in the middle of a batch has not given yet."""
        self._collector = Collector()

    def __repr__(self) -> str:
        """Show the run."""
        return f"AnswerLog({self.run!r})"

    @property
    def is_ended(self) -> bool:
        """Whether the terminal was read."""
        return self.run.is_ended

    @property
    def answer(self) -> Answer:
        """What was read so far."""
        return self._collector.answer

    async def advance(self) -> bool:
        """Wait for events, and add them to those that are unread; False after the last one."""
        while not self.unread and not self.is_ended:
            for batch in await self.read():
                self.unread.extend(batch.events)
        return bool(self.unread)

    async def read(self) -> list[Batch]:
        """Wait for batches; an empty list after `nudge` and `close`, and after the end."""
        batches = await self.run.read()
        for batch in batches:
            self._collector.feed_all(batch.events)
        return batches

    async def pour(self, take: Callable[[list[Batch]], bool]) -> None:
        """Give nothing at once: see `DirectRun.pour`."""
        await self.run.pour(take)

    def forget(self) -> None:
        """Do nothing: there is no journal from which what is ahead could be read again."""

    def nudge(self) -> None:
        """Wake a waiting read."""
        self.run.nudge()

    def close(self) -> None:
        """Wait for nothing more."""
        self.run.close()
