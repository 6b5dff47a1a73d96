"""The nodes of a conversation's tree."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from penstock.core.errors import NotFoundError
from penstock.core.messages import Message
from penstock.stores.records import make_row, read_record
from penstock.stores.search import index_message
from penstock.stores.tables import messages


def list_tree(connection: Connection, conversation_id: str) -> list[Message]:
    """Give all messages of the conversation in order of creation."""
    rows = connection.execute(
        select(messages).where(messages.c.conversation_id == conversation_id).order_by(messages.c.number)
    )
    return [read_record(Message, row) for row in rows.mappings()]


def add(connection: Connection, new: Sequence[Message]) -> None:
    """Insert messages in this order and make them findable."""
    for message in new:
        connection.execute(insert(messages).values(make_row(message)))
        index_message(connection, message)


def require_parents(connection: Connection, conversation_id: str, new: Sequence[Message], last: str | None) -> None:
    """Check that every parent, and ``last``, is in the conversation or among the new ones before it."""
    made: set[str] = set()
    wanted: set[str] = set()
    for message in new:
        if message.parent_id is not None and message.parent_id not in made:
            wanted.add(message.parent_id)
        made.add(message.id)
    if last is not None and last not in made:
        wanted.add(last)
    if not wanted:
        return
    found = connection.scalars(
        select(messages.c.id).where(messages.c.conversation_id == conversation_id, messages.c.id.in_(wanted))
    )
    for missing in sorted(wanted.difference(found)):
        message = f"There is no message {missing} in this conversation."
        raise NotFoundError(message, field="parent_id")
