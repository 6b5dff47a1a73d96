"""What every SQL database does alike: statements written once, each run in a transaction that the database makes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Literal, TypeVar

from sqlalchemy import Connection

from penstock.core.messages import Attachment, Conversation, Message, Run, TokenUsage
from penstock.core.spending import Spending
from penstock.core.storage import ConversationPage, Expired
from penstock.core.usage import Cost
from penstock.stores import attachments, conversations, expiry, messages, runs

ResultT = TypeVar("ResultT")


class SqlStore(ABC):
    """The part of `core.ports.Store` that names no database. What differs is how a transaction is made, and the log."""

    @abstractmethod
    async def _write(self, act: Callable[[Connection], ResultT], *, is_durable: bool = True) -> ResultT:
        """Do it in one transaction that writes; a durable one reaches the disk before it counts."""

    @abstractmethod
    async def _read(self, act: Callable[[Connection], ResultT]) -> ResultT:
        """Do it in one transaction that only reads."""

    # --- runs ---------------------------------------------------------------------------------------------------------

    async def get_run(self, owner: str, run_id: str) -> Run:
        """Give the run."""
        return await self._read(partial(runs.get, owner=owner, run_id=run_id))

    async def find_live_run(self, owner: str, conversation_id: str) -> Run | None:
        """Give the newest run of the conversation that has no terminal; None also for an unknown conversation."""
        return await self._read(partial(runs.find_live, owner=owner, conversation_id=conversation_id))

    async def list_runs(self, owner: str, conversation_id: str) -> list[Run]:
        """Give all runs of a conversation, oldest first."""
        return await self._read(partial(runs.list_of, owner=owner, conversation_id=conversation_id))

    async def request_stop(self, owner: str, run_id: str, *, at: float) -> Run:
        """Note the first wish to stop."""
        return await self._write(partial(runs.request_stop, owner=owner, run_id=run_id, at=at), is_durable=False)

    # --- conversations ------------------------------------------------------------------------------------------------

    async def create_conversation(self, conversation: Conversation) -> Conversation:
        """Create it."""
        return await self._write(partial(conversations.create, conversation=conversation))

    async def get_conversation(self, owner: str, conversation_id: str) -> Conversation:
        """Give one that is not deleted."""
        return await self._read(partial(conversations.get, owner=owner, conversation_id=conversation_id))

    async def list_conversations(
        self, owner: str, *, query: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> ConversationPage:
        """List what is not deleted, pinned first and then newest first."""
        page = partial(conversations.list_page, owner=owner, query=query, cursor=cursor, limit=limit)
        return await self._read(page)

    async def update_conversation(
        self, owner: str, conversation_id: str, *, version: int, changes: dict[str, object]
    ) -> Conversation:
        """Change metadata, if ``version`` is still the newest."""

        def act(connection: Connection) -> Conversation:
            before = conversations.get(connection, owner, conversation_id)
            return conversations.change(connection, before, version=version, changes=changes)

        return await self._write(act)

    async def suggest_title(
        self,
        owner: str,
        conversation_id: str,
        title: str,
        *,
        source: Literal["words", "model"],
        usage: TokenUsage | None = None,
        cost: Cost | None = None,
    ) -> Conversation:
        """Name it, unless a better source did."""
        spent = Spending(usage=usage, cost=cost)

        def act(connection: Connection) -> Conversation:
            before = conversations.get(connection, owner, conversation_id)
            return conversations.suggest_title(connection, before, title, source=source, spent=spent)

        return await self._write(act)

    async def mark_seen(self, owner: str, conversation_id: str, *, at: float) -> Conversation:
        """Note that its owner looked at it."""

        def act(connection: Connection) -> Conversation:
            return conversations.mark_seen(connection, conversations.get(connection, owner, conversation_id), at=at)

        return await self._write(act, is_durable=False)

    async def delete_conversation(self, owner: str, conversation_id: str, *, at: float) -> Conversation:
        """Mark it deleted."""

        def act(connection: Connection) -> Conversation:
            return conversations.delete(connection, conversations.find_owned(connection, owner, conversation_id), at=at)

        return await self._write(act)

    async def restore_conversation(self, owner: str, conversation_id: str) -> Conversation:
        """Undo the deletion."""

        def act(connection: Connection) -> Conversation:
            return conversations.restore(connection, conversations.find_owned(connection, owner, conversation_id))

        return await self._write(act)

    async def list_messages(self, owner: str, conversation_id: str) -> list[Message]:
        """Give the whole tree of one that is not deleted, parents before children."""

        def act(connection: Connection) -> list[Message]:
            conversations.get(connection, owner, conversation_id)
            return messages.list_tree(connection, conversation_id)

        return await self._read(act)

    # --- attachments, and what is dropped -----------------------------------------------------------------------------

    async def add_attachment(self, attachment: Attachment, *, quota_bytes: int) -> Attachment:
        """Note an upload."""
        return await self._write(partial(attachments.add, attachment=attachment, quota_bytes=quota_bytes))

    async def get_attachment(self, owner: str, attachment_id: str) -> Attachment:
        """Give one, if its conversation is not deleted."""
        return await self._read(partial(attachments.get, owner=owner, attachment_id=attachment_id))

    async def delete_attachment(self, owner: str, attachment_id: str) -> None:
        """Forget one that was never sent."""
        await self._write(partial(attachments.delete_unsent, owner=owner, attachment_id=attachment_id))

    async def list_expired(self, *, deleted_before: float, unsent_before: float, limit: int) -> Expired:
        """Give what can be dropped."""
        look = partial(expiry.find, deleted_before=deleted_before, unsent_before=unsent_before, limit=limit)
        return await self._read(look)

    async def purge(self, expired: Expired) -> None:
        """Drop it for good."""
        await self._write(partial(expiry.purge, expired=expired))
