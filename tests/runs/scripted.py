"""A model service that does what the test says, when the test says it: no socket, no sleep, no real clock."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence

from penstock.core import events as e
from penstock.core.errors import CallerError, NotFoundError
from penstock.core.messages import FoldedMessage, TextPart, TokenUsage
from penstock.core.ports import Model, ModelInfo
from penstock.core.requests import ChatRequest, InputMessage, ModelRequest, Options
from penstock.core.usage import Cost

STARTED = e.StepStarted(index=0, model="scripted-2026")
TEXT = e.TextStarted(part_id="text-0")
TEXT_ENDED = e.TextEnded(part_id="text-0")
FINISHED = e.StepFinished(index=0, finish_reason="stop", raw="stop")


def delta(text: str) -> e.TextDelta:
    return e.TextDelta(part_id="text-0", text=text)


def whole_answer(*texts: str) -> list[tuple[e.Event, ...]]:
    """The batches of a complete answer."""
    return [(STARTED, TEXT), *((delta(text),) for text in texts), (TEXT_ENDED, FINISHED)]


class Script:
    """One call of the service: `give`, `end` and `fail` are the service's, the rest is the engine's."""

    def __init__(self, request: ModelRequest) -> None:
        self.request = request
        self.was_iterated = False
        self.is_closed = False
        self.close_count = 0
        self.taken = 0
        self.closes_well = True
        self.close_gate: asyncio.Event | None = None
        self.opened = asyncio.Event()
        self._items: deque[tuple[e.Event, ...] | Exception | None] = deque()
        self._arrived = asyncio.Event()

    def give(self, *batches: tuple[e.Event, ...]) -> None:
        self._items.extend(batches)
        self._arrived.set()

    def end(self) -> None:
        self._items.append(None)
        self._arrived.set()

    def fail(self, error: Exception) -> None:
        self._items.append(error)
        self._arrived.set()

    async def __aiter__(self) -> AsyncIterator[tuple[e.Event, ...]]:
        self.was_iterated = True
        self.opened.set()
        while True:
            while not self._items:
                self._arrived.clear()
                await self._arrived.wait()
            item = self._items.popleft()
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            self.taken += 1
            yield item

    async def close(self) -> bool:
        self.close_count += 1
        if self.close_gate is not None:
            await self.close_gate.wait()
        self.is_closed = True
        return self.closes_well


class ScriptedProvider:
    """Keeps every call it was asked for; answers at once with ``answer`` when it has one."""

    name = "scripted"
    no_request = ModelRequest(model="none", messages=())

    def __init__(self) -> None:
        self.scripts: list[Script] = []
        self.answer: Sequence[tuple[e.Event, ...]] | None = None
        self.asked = asyncio.Event()

    @property
    def script(self) -> Script:
        """The newest call."""
        return self.scripts[-1]

    def open(self, request: ModelRequest) -> Script:
        script = Script(request)
        if self.answer is not None:
            script.give(*self.answer)
            script.end()
        self.scripts.append(script)
        self.asked.set()
        return script

    async def close(self) -> None:
        return


class OneModelCatalog:
    """The model ``plain``, and ``other``, which sees images."""

    def __init__(self, provider: ScriptedProvider) -> None:
        self.provider = provider

    def list(self) -> Sequence[ModelInfo]:
        return [self._model("plain").info, self._model("other").info]

    def find(self, model_id: str | None) -> Model:
        if model_id not in {None, "plain", "other"}:
            message = "No such model."
            raise CallerError(message, field="model")
        return self._model(model_id or "plain")

    def _model(self, model_id: str) -> Model:
        info = ModelInfo(
            id=model_id,
            name=model_id,
            provider="scripted",
            is_default=model_id == "plain",
            capabilities=("text", "images") if model_id == "other" else ("text",),
        )
        defaults = Options(temperature=0.5, max_output_tokens=100)
        return Model(info=info, provider=self.provider, service_name=f"{model_id}-deployment", defaults=defaults)


class MemoryFiles:
    """Files in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def save(self, file_id: str, data: bytes) -> None:
        self.kept[file_id] = data

    async def read(self, file_id: str) -> bytes:
        if file_id not in self.kept:
            message = "No such file."
            raise NotFoundError(message)
        return self.kept[file_id]

    async def delete(self, file_id: str) -> None:
        self.kept.pop(file_id, None)


class WordAccountant:
    """One word is one token, and a token costs a dollar."""

    def __init__(self) -> None:
        self.error: Exception | None = None

    def estimate(self, request: ModelRequest, message: FoldedMessage) -> e.Usage:
        parts = [part for sent in request.messages for part in sent.parts if isinstance(part, TextPart)]
        given = sum(len(part.text.split()) for part in parts)
        made = len(message.text.split())
        return e.Usage(input=given, output=made, total=given + made, source="estimated")

    def price(self, usage: TokenUsage, *, model: str | None, provider: str) -> Cost:
        if self.error is not None:
            raise self.error
        tokens = (usage.input or 0) + (usage.output or 0)
        return Cost(usd=float(tokens), is_estimated=usage.source != "provider", price_model=f"{provider}/{model}")


class HandClock:
    """Moves when it is told to."""

    def __init__(self) -> None:
        self.time = 1_000.0

    def now(self) -> float:
        return 1_700_000_000 + self.time

    def monotonic(self) -> float:
        return self.time


class CountingIds:
    """``run-0001``, ``msg-0002`` ..."""

    def __init__(self) -> None:
        self.count = 0

    def make(self, kind: str) -> str:
        self.count += 1
        return f"{kind}-{self.count:06d}"


def ask(text: str = "Hello there", **fields: object) -> ChatRequest:
    """A request with one user message."""
    messages = (InputMessage(role="user", parts=(TextPart(text=text),)),)
    return ChatRequest(**{"messages": messages, **fields})  # pyright: ignore[reportArgumentType] - a test's shorthand
