"""A program's own code as a model service: any generator of text or events answers, and its run is like any other.

The generator runs in a task of its own, a plain one in a thread of its own. When the run is stopped, `CancelledError`
reaches an asynchronous generator where it waits; a plain one is closed at its next ``yield``, for nothing can interrupt
a thread.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from penstock.core.errors import PenstockError, ProviderError, UpstreamEndedError
from penstock.core.events import Event
from penstock.core.requests import ModelRequest
from penstock.providers.own_events import CODE, OwnEvents

Pipeline = Callable[[ModelRequest], AsyncIterable[str | Event] | Iterable[str | Event]]
"""Answers a request: yields text and events. Coming to its end is its proof that the answer is complete."""

_AHEAD: Final = 64
"""Events that may wait before the generator is asked for more."""
_CLOSE_S: Final = 1.0
_NO_MORE: Final = object()

_log = logging.getLogger("penstock.pipeline")


class OwnCode:
    """Implements `penstock.core.ports.Provider` for one pipeline."""

    def __init__(self, pipeline: Pipeline) -> None:
        """Prepare; nothing is called."""
        self._pipeline = pipeline

    def __repr__(self) -> str:
        """Show what is called."""
        return f"OwnCode({getattr(self._pipeline, '__qualname__', self._pipeline)})"

    @property
    def name(self) -> str:
        """The provider's stable name."""
        return "own_code"

    def open(self, request: ModelRequest) -> OwnStream:
        """Prepare an answer; the pipeline is called when it is iterated."""
        return OwnStream(self._pipeline, request)

    async def close(self) -> None:
        """Close nothing: what the program holds is its own."""


class OwnStream:
    """Implements `penstock.core.ports.ModelStream`."""

    def __init__(self, pipeline: Pipeline, request: ModelRequest) -> None:
        """Prepare; nothing is called."""
        self._pipeline = pipeline
        self._request = request
        self._own = OwnEvents()
        self._events: deque[Event] = deque()
        self._error: ProviderError | None = None
        self._is_ended = False
        self._is_closed = False
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        """Show the state."""
        return f"OwnStream({self._own!r}, is_closed={self._is_closed})"

    def __aiter__(self) -> AsyncIterator[tuple[Event, ...]]:
        """Iterate over batches of events; to be done once."""
        return self

    async def __anext__(self) -> tuple[Event, ...]:
        """Give what was yielded since the last call; the first one calls the pipeline."""
        if self._pump is None and not self._is_closed:
            self._pump = asyncio.create_task(self._run(), name="pipeline")
        while not self._events:
            if self._is_ended or self._pump is None:
                raise self._error or StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        taken = tuple(self._events)
        self._events.clear()
        self._room.set()
        return taken

    async def close(self) -> bool:
        """Cancel the pipeline; True when it has ended."""
        self._is_closed = True
        if self._pump is None:
            return True
        self._pump.cancel()
        await asyncio.wait({self._pump}, timeout=_CLOSE_S)
        return self._pump.done()

    async def _run(self) -> None:
        try:
            await self._read()
            self._put(self._own.end())
        except asyncio.CancelledError:
            message = "The answer was stopped before it was complete."
            self._error = UpstreamEndedError(message)
        except Exception as error:  # noqa: BLE001 - the edge to a program's own code: whatever it raises ends the answer
            self._error = _describe(error)
        finally:
            self._is_ended = True
            self._changed.set()

    async def _read(self) -> None:
        made = self._pipeline(self._request)
        match made:
            case AsyncIterable():
                await self._read_async(aiter(made))
            case Iterable() if not isinstance(made, (str, bytes)):
                await self._read_in_thread(iter(made))
            case _:
                message = f"The program gave {type(made).__name__}; it must be a generator of text or events."
                raise ProviderError(message, code=CODE)

    async def _read_async(self, items: AsyncIterator[object]) -> None:
        try:
            async for item in items:
                await self._take(item)
        finally:
            aclose = getattr(items, "aclose", None)
            if aclose is not None:
                await aclose()

    async def _read_in_thread(self, items: Iterator[object]) -> None:
        """Ask for one item at a time in one thread, which belongs to this answer: another's may block for long."""
        loop = asyncio.get_running_loop()
        context = contextvars.copy_context()
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pipeline")
        try:
            while True:
                asked = loop.run_in_executor(thread, lambda: context.run(_next, items))
                # A cancelled wait leaves the thread inside the generator, which can be closed only once it is out.
                await asyncio.wait({asked})
                item = asked.result()
                if item is _NO_MORE:
                    return
                await self._take(item)
        finally:
            close = getattr(items, "close", None)
            if close is not None:
                await asyncio.wait({loop.run_in_executor(thread, partial(context.run, close))})
            thread.shutdown(wait=False)

    async def _take(self, item: object) -> None:
        self._put(self._own.take(item))
        while len(self._events) >= _AHEAD:
            self._room.clear()
            await self._room.wait()

    def _put(self, events: list[Event]) -> None:
        if events:
            self._events.extend(events)
            self._changed.set()


def _next(items: Iterator[object]) -> object:
    return next(items, _NO_MORE)


def _describe(error: Exception) -> ProviderError:
    """Give what readers are told: the sentence of an error that has one for people, and of others only the kind."""
    match error:
        case ProviderError():
            return error
        case PenstockError(code=UpstreamEndedError.code):
            return UpstreamEndedError(error.message)
        case PenstockError():
            return ProviderError(
                error.message,
                code=error.code,
                is_retryable=error.is_retryable,
                retry_after_s=error.retry_after_s,
            )
        case _:
            _log.error("The program's own code failed.", exc_info=error)
            message = f"The program that answers failed ({type(error).__name__}); its log says why."
            return ProviderError(message, code=CODE)
