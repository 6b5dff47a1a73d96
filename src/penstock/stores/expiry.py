"""What is dropped for good: conversations past their undo time, and files that were never sent."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, update

from penstock.core.storage import Expired
from penstock.stores import search
from penstock.stores.tables import attachments, conversations, messages, runs


def find(connection: Connection, *, deleted_before: float, unsent_before: float, limit: int) -> Expired:
    """Look for it. A conversation with a live run waits for its end: the answer has still to be written somewhere."""
    live = select(runs.c.conversation_id).where(runs.c.ended_at.is_(None), runs.c.conversation_id.is_not(None))
    gone = (
        select(conversations.c.id)
        .where(conversations.c.deleted_at < deleted_before, conversations.c.id.not_in(live))
        .order_by(conversations.c.deleted_at)
        .limit(limit)
    )
    conversation_ids = tuple(connection.scalars(gone))
    unsent = attachments.c.conversation_id.is_(None) & (attachments.c.created_at < unsent_before)
    files = select(attachments.c.id).where(attachments.c.conversation_id.in_(conversation_ids) | unsent)
    return Expired(conversation_ids, tuple(connection.scalars(files)))


def purge(connection: Connection, expired: Expired) -> None:
    """Drop it. The runs lose their names and stay, for what they took was spent."""
    ids = expired.conversation_ids
    connection.execute(delete(attachments).where(attachments.c.id.in_(expired.attachment_ids)))
    if not ids:
        return
    search.forget(connection, ids)
    connection.execute(delete(messages).where(messages.c.conversation_id.in_(ids)))
    connection.execute(
        update(runs)
        .where(runs.c.conversation_id.in_(ids))
        .values(conversation_id=None, parent_id=None, client_message_id=None)
    )
    connection.execute(delete(conversations).where(conversations.c.id.in_(ids)))
