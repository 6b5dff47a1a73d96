"""The rows of uploaded files; their bytes are not in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, update

from penstock.core.errors import CallerError, ConflictError, NotFoundError
from penstock.core.messages import Attachment, AttachmentPart, Message
from penstock.stores.records import make_row, read_record
from penstock.stores.tables import attachments, conversations

_MEGABYTE: Final = 1024 * 1024


def add(connection: Connection, attachment: Attachment, *, quota_bytes: int) -> Attachment:
    """Note an upload, if the owner's are no more than the quota with it."""
    used = select(func.coalesce(func.sum(attachments.c.size_bytes), 0)).where(attachments.c.owner == attachment.owner)
    if int(connection.scalar(used) or 0) + attachment.size_bytes > quota_bytes:
        message = f"Your files would be more than {quota_bytes / _MEGABYTE:.0f} MB: delete chats that have some."
        raise CallerError(message, code="quota_exceeded")
    connection.execute(insert(attachments).values(make_row(attachment)))
    return attachment


def get(connection: Connection, owner: str, attachment_id: str) -> Attachment:
    """Give the owner's one, if its conversation is not deleted; raises `NotFoundError`."""
    found = (
        select(attachments)
        .outerjoin(conversations, conversations.c.id == attachments.c.conversation_id)
        .where(attachments.c.id == attachment_id, attachments.c.owner == owner, conversations.c.deleted_at.is_(None))
    )
    row = connection.execute(found).mappings().first()
    if row is None:
        message = f"There is no attachment {attachment_id}."
        raise NotFoundError(message, field="attachment_id")
    return read_record(Attachment, row)


def delete_unsent(connection: Connection, owner: str, attachment_id: str) -> None:
    """Forget one that belongs to no conversation yet."""
    found = get(connection, owner, attachment_id)
    if found.conversation_id is not None:
        message = "This file was sent: it goes with its conversation."
        raise ConflictError(message, field="attachment_id")
    connection.execute(delete(attachments).where(attachments.c.id == attachment_id))


def give(connection: Connection, owner: str, conversation_id: str, new: Sequence[Message]) -> None:
    """Make what new messages carry the conversation's; raises `NotFoundError` for what is not there for it."""
    carried = {part.attachment_id for message in new for part in message.parts if isinstance(part, AttachmentPart)}
    if not carried:
        return
    is_free = attachments.c.conversation_id.is_(None) | (attachments.c.conversation_id == conversation_id)
    given = connection.execute(
        update(attachments)
        .where(attachments.c.id.in_(carried), attachments.c.owner == owner, is_free)
        .values(conversation_id=conversation_id)
    )
    if given.rowcount != len(carried):
        message = "A file of this message is not there any more: attach it again."
        raise NotFoundError(message, field="attachments")
