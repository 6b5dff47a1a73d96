"""Names conversations in the background: after an answer, a model is asked for a few words, and never in its way.

First words stand until then, and stay when the model has nothing better. A person's title is never replaced: the store
decides that, in one transaction.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from penstock.core.errors import CallerError, PenstockError
from penstock.core.fold import Folder
from penstock.core.messages import Conversation, FoldedMessage, Message, Run, TextPart, TokenUsage
from penstock.core.ports import Accountant, Catalog, Model, Store
from penstock.core.requests import InputMessage, ModelRequest, Options
from penstock.runs.title import clean_title

_INSTRUCTION: Final = (
    "Give this conversation a title of two to six words, in the language that it is in. "
    "Answer with the title alone, without quotation marks.\n\nQuestion:\n{question}\n\nAnswer:\n{answer}"
)
_QUESTION_LENGTH: Final = 600
_ANSWER_LENGTH: Final = 300
_MOST_TOKENS: Final = 256
"""A title takes ten; a model that thinks takes some before it, and the bound counts them."""
_WIDTH: Final = 4
_MOST: Final = 256
"""Titles that are wanted at once. A service that is slow or away must not let the wishes pile up: what finds no room is
considered again at the conversation's next answer."""
_TIMEOUT_S: Final = 30

_log = logging.getLogger(__name__)


class Titler:
    """Asks for titles, a few at a time; what it began is given up when it is closed."""

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        accountant: Accountant,
        *,
        model_id: str | None = None,
        most: int = _MOST,
    ) -> None:
        """Ask the model ``model_id``; None is the one that answered. At most ``most`` titles are wanted at once."""
        self._store = store
        self._catalog = catalog
        self._accountant = accountant
        self._model_id = model_id
        self._most = most
        self._gate = asyncio.Semaphore(_WIDTH)
        self._tasks: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        """Show how many are wanted now."""
        return f"Titler(model_id={self._model_id!r}, tasks={len(self._tasks)})"

    def consider(self, run: Run) -> None:
        """Look at a run that ended, and name its conversation if nobody has; returns at once."""
        if run.conversation_id is None or len(self._tasks) >= self._most:
            return
        task = asyncio.create_task(self._name(run, run.conversation_id), name=f"title {run.conversation_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _name(self, run: Run, conversation_id: str) -> None:
        try:
            async with self._gate:
                conversation = await self._store.get_conversation(run.owner, conversation_id)
                if conversation.title_source in {None, "words"}:
                    await self._ask(run, conversation)
        except CallerError:
            pass  # it was deleted meanwhile
        except (PenstockError, TimeoutError) as error:
            _log.info("Conversation %s keeps its first words as its title: %r", conversation_id, error)

    async def _ask(self, run: Run, conversation: Conversation) -> None:
        request_text = _describe(await self._store.list_messages(run.owner, conversation.id), run.message_id)
        if request_text is None:
            return
        model = self._catalog.find(self._model_id or run.model)
        if model.is_own_code:
            return
        request = _make_request(model, request_text)
        async with asyncio.timeout(_TIMEOUT_S):
            folded = await _collect(model, request)
        usage = folded.usage or self._estimate(request, folded)
        title = clean_title(folded.text) if folded.finish_reason == "stop" else None
        await self._store.suggest_title(
            run.owner,
            conversation.id,
            title or conversation.title or "",
            source="model" if title else "words",
            usage=usage,
            cost=self._accountant.price(usage, model=folded.model, provider=model.provider.name),
        )

    def _estimate(self, request: ModelRequest, folded: FoldedMessage) -> TokenUsage:
        usage = self._accountant.estimate(request, folded)
        return TokenUsage(input=usage.input, output=usage.output, total=usage.total, source=usage.source)


def _describe(messages: list[Message], answer_id: str) -> str | None:
    """Give the prompt for the question and its answer; None when one of them has no words, or the answer failed."""
    answer = next((message for message in messages if message.id == answer_id), None)
    if answer is None or answer.status != "finished":
        return None
    question = next((message for message in messages if message.id == answer.parent_id), None)
    if question is None or not question.text.strip() or not answer.text.strip():
        return None
    return _INSTRUCTION.format(question=question.text[:_QUESTION_LENGTH], answer=answer.text[:_ANSWER_LENGTH])


def _make_request(model: Model, text: str) -> ModelRequest:
    effort = "low" if "reasoning" in model.info.capabilities else None
    return ModelRequest(
        model=model.service_name,
        messages=(InputMessage(role="user", parts=(TextPart(text=text),)),),
        options=Options(max_output_tokens=_MOST_TOKENS, reasoning_effort=effort),
    )


async def _collect(model: Model, request: ModelRequest) -> FoldedMessage:
    stream = model.provider.open(request)
    folder = Folder()
    try:
        async for events in stream:
            for event in events:
                folder.feed(event)
    finally:
        await stream.close()
    return folder.message
