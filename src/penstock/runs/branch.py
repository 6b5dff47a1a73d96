"""The tree of a conversation's messages, and where a new run hangs itself into it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from penstock.core.errors import ConflictError, NotFoundError
from penstock.core.messages import Message, Run
from penstock.core.requests import ChatRequest

_BROKEN_OFF: Final = frozenset({"stopped", "interrupted", "failed"})


class Tree:
    """All messages of one conversation, in order of creation. Clients may name a message by their own id for it."""

    def __init__(self, messages: Sequence[Message], live: Run | None = None) -> None:
        """Index the messages; ``live`` is the answer that is being written and is not among them yet."""
        self._messages = messages
        self._live = live
        self._by_id = {message.client_message_id: message for message in messages if message.client_message_id}
        self._by_id.update({message.id: message for message in messages})

    def __repr__(self) -> str:
        """Show how many messages there are."""
        return f"Tree(messages={len(self._messages)})"

    @property
    def first_user(self) -> Message | None:
        """The oldest user message."""
        return next((message for message in self._messages if message.role == "user"), None)

    @property
    def newest_leaf(self) -> Message | None:
        """The newest message that nothing follows."""
        parents = {message.parent_id for message in self._messages}
        return next((message for message in reversed(self._messages) if message.id not in parents), None)

    def find(self, message_id: str, *, field: str) -> Message:
        """Give the message; raises `NotFoundError` naming the field."""
        message = self._by_id.get(message_id)
        if message is None:
            text = "No such message in this conversation."
            raise NotFoundError(text, field=field)
        return message

    def parent_for(self, request: ChatRequest) -> str | None:
        """Say what a new user message follows."""
        if request.is_root:
            return None
        if request.parent_id is None:
            return None if self.newest_leaf is None else self.newest_leaf.id
        if self._live is not None and request.parent_id == self._live.message_id:
            text = "The answer that this message follows is still being written. Stop it, or wait for its end."
            raise ConflictError(text, field="parent_id")
        return self.find(request.parent_id, field="parent_id").id

    def user_to_answer(self, message_id: str | None) -> Message:
        """Say which user message a regeneration answers again."""
        if message_id is not None and self._live is not None and message_id == self._live.message_id:
            message_id = self._live.parent_id
        node = self.newest_leaf if message_id is None else self.find(message_id, field="message_id")
        while node is not None and node.role != "user":
            node = None if node.parent_id is None else self._by_id.get(node.parent_id)
        if node is None:
            text = "There is no user message to answer again."
            raise NotFoundError(text, field="message_id")
        return node

    def answer_to_continue(self, message_id: str | None) -> Message:
        """Say which answer a continuation goes on with; raises `ConflictError` when there is none to go on with."""
        if self._live is not None and message_id in {None, self._live.message_id}:
            text = "The answer is still being written."
            raise ConflictError(text, field="message_id")
        node = self.newest_leaf if message_id is None else self.find(message_id, field="message_id")
        is_broken_off = node is not None and (node.status in _BROKEN_OFF or node.finish_reason == "length")
        if node is None or node.role != "assistant" or not is_broken_off:
            text = "Only an answer that broke off can be continued."
            raise ConflictError(text, field="message_id")
        return node

    def path_to(self, message_id: str | None) -> list[Message]:
        """Give the messages from the root down to one of them."""
        path: list[Message] = []
        node = None if message_id is None else self._by_id.get(message_id)
        while node is not None:
            path.append(node)
            node = None if node.parent_id is None else self._by_id.get(node.parent_id)
        path.reverse()
        return path
