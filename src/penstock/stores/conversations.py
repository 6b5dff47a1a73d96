"""What is done to conversations, each in the transaction of the connection it is given."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Final, Literal

import msgspec
from sqlalchemy import Connection, RowMapping, insert, select, tuple_, update

from penstock.core.errors import CallerError, ConflictError, NotFoundError
from penstock.core.messages import Conversation, TitleSource
from penstock.core.spending import Spending, add_cost, add_usage
from penstock.core.storage import ConversationPage
from penstock.stores.records import make_row, read_record
from penstock.stores.search import find_matches, index_title, select_matching, split_query
from penstock.stores.tables import conversations, runs

MAX_PAGE: Final = 200

_CHANGEABLE: Final[dict[str, type | tuple[type, ...]]] = {
    "title": (str, type(None)),
    "model": (str, type(None)),
    "system_prompt": (str, type(None)),
    "pinned": bool,
}

_WEIGHTS: Final[dict[TitleSource | None, int]] = {None: 0, "words": 1, "model": 2, "person": 3}
"""A title gives way to one that weighs as much or more; nothing but a person replaces a person's."""

_Place = tuple[bool, float, str]
"""Where a page ended: pinned, updated_at, id."""


class RacedError(ConflictError):
    """Another transaction was faster: the same one, begun again, sees what that did."""


def _not_found(conversation_id: str) -> NotFoundError:
    return NotFoundError(f"There is no conversation {conversation_id}.", field="conversation_id")


def find(connection: Connection, conversation_id: str) -> Conversation | None:
    """Give it, whoever owns it and deleted or not."""
    row = connection.execute(select(conversations).where(conversations.c.id == conversation_id)).mappings().first()
    return None if row is None else read_record(Conversation, row)


def find_owned(connection: Connection, owner: str, conversation_id: str) -> Conversation:
    """Give the owner's, deleted or not; raises `NotFoundError`."""
    found = find(connection, conversation_id)
    if found is None or found.owner != owner:
        raise _not_found(conversation_id)
    return found


def get(connection: Connection, owner: str, conversation_id: str) -> Conversation:
    """Give the owner's one that is not deleted; raises `NotFoundError`."""
    found = find_owned(connection, owner, conversation_id)
    if found.deleted_at is not None:
        raise _not_found(conversation_id)
    return found


def create(connection: Connection, conversation: Conversation) -> Conversation:
    """Create it; raises `ConflictError` when the owner has one of this id, `NotFoundError` when another has."""
    found = find(connection, conversation.id)
    if found is not None and found.owner != conversation.owner:
        raise _not_found(conversation.id)
    if found is not None:
        message = f"The conversation {conversation.id} exists already."
        raise ConflictError(message, field="id")
    add(connection, conversation)
    return conversation


def add(connection: Connection, conversation: Conversation) -> None:
    """Insert one that is known to be absent."""
    connection.execute(insert(conversations).values(make_row(conversation)))
    if conversation.title:
        index_title(connection, conversation.id, conversation.title)


def touch(connection: Connection, conversation_id: str, *, at: float, is_answer: bool) -> None:
    """Note that something was said: it moves to the top of the list. No change of metadata, so no new version."""
    is_it = conversations.c.id == conversation_id
    connection.execute(update(conversations).where(is_it, conversations.c.updated_at < at).values(updated_at=at))
    if is_answer:
        is_newer = conversations.c.answered_at.is_(None) | (conversations.c.answered_at < at)
        connection.execute(update(conversations).where(is_it, is_newer).values(answered_at=at))


def list_page(
    connection: Connection, owner: str, *, query: str | None, cursor: str | None, limit: int
) -> ConversationPage:
    """List what is not deleted, pinned first, then newest first."""
    if not 1 <= limit <= MAX_PAGE:
        message = f"limit must be between 1 and {MAX_PAGE}."
        raise CallerError(message, field="limit")
    order = (conversations.c.pinned, conversations.c.updated_at, conversations.c.id)
    page = select(conversations).where(conversations.c.owner == owner, conversations.c.deleted_at.is_(None))
    words = split_query(query or "")
    if words:
        page = page.where(conversations.c.id.in_(select_matching(connection, words)))
    if cursor is not None:
        page = page.where(tuple_(*order) < _read_cursor(cursor))
    page = page.order_by(*(key.desc() for key in order)).limit(limit + 1)
    rows = connection.execute(page).mappings().all()
    next_cursor = _make_cursor(rows[limit - 1]) if len(rows) > limit else None
    found = tuple(read_record(Conversation, row) for row in rows[:limit])
    return ConversationPage(
        conversations=found,
        next_cursor=next_cursor,
        running=_find_running(connection, found),
        matches=find_matches(connection, found, words) if words else (),
    )


def _find_running(connection: Connection, page: Sequence[Conversation]) -> tuple[str, ...]:
    ids = [conversation.id for conversation in page]
    live = select(runs.c.conversation_id).where(runs.c.conversation_id.in_(ids), runs.c.ended_at.is_(None)).distinct()
    running = set(connection.scalars(live))
    return tuple(conversation_id for conversation_id in ids if conversation_id in running)


def _make_cursor(row: RowMapping) -> str:
    place = msgspec.json.encode((bool(row["pinned"]), row["updated_at"], row["id"]))
    return base64.urlsafe_b64encode(place).decode().rstrip("=")


def _read_cursor(cursor: str) -> _Place:
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        return msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=_Place)
    except (ValueError, msgspec.DecodeError) as error:
        message = "The cursor is not one that this server gave: start again without it."
        raise CallerError(message, field="cursor") from error


def change(connection: Connection, before: Conversation, *, version: int, changes: dict[str, object]) -> Conversation:
    """Change metadata, if ``version`` is still the newest. It stays where it is in the list: nothing was said."""
    for name, value in changes.items():
        kind = _CHANGEABLE.get(name)
        if kind is None or not isinstance(value, kind):
            message = f"{name} cannot be changed to that." if kind else f"{name} cannot be changed."
            raise CallerError(message, field=name)
    if before.version != version:
        message = f"The conversation was changed meanwhile: it is at version {before.version}, not {version}."
        raise ConflictError(message, field="version")
    if "title" in changes:
        changes = {**changes, "title_source": "person" if changes["title"] else None}
    return _write(connection, before, changes)


def suggest_title(
    connection: Connection, before: Conversation, title: str, *, source: Literal["words", "model"], spent: Spending
) -> Conversation:
    """Take the title unless a better source named it; what it took is noted in any case."""
    changes: dict[str, object] = {}
    if spent.usage is not None or spent.cost is not None:
        changes["title_usage"] = add_usage(before.title_usage, spent.usage)
        changes["title_cost"] = add_cost(before.title_cost, spent.cost)
    if _WEIGHTS[before.title_source] <= _WEIGHTS[source] and (title, source) != (before.title, before.title_source):
        changes |= {"title": title, "title_source": source}
    return _write(connection, before, changes) if changes else before


def mark_seen(connection: Connection, before: Conversation, *, at: float) -> Conversation:
    """Note a look at it."""
    connection.execute(
        update(conversations)
        .where(conversations.c.id == before.id, (conversations.c.seen_at.is_(None)) | (conversations.c.seen_at < at))
        .values(seen_at=at)
    )
    return get(connection, before.owner, before.id)


def delete(connection: Connection, before: Conversation, *, at: float) -> Conversation:
    """Mark it deleted, once."""
    return before if before.deleted_at is not None else _write(connection, before, {"deleted_at": at})


def restore(connection: Connection, before: Conversation) -> Conversation:
    """Undo the deletion; it comes back where it was."""
    return before if before.deleted_at is None else _write(connection, before, {"deleted_at": None})


def _write(connection: Connection, before: Conversation, changes: dict[str, object]) -> Conversation:
    after = msgspec.structs.replace(before, **changes, version=before.version + 1)
    written = connection.execute(
        update(conversations)
        .where(conversations.c.id == before.id, conversations.c.version == before.version)
        .values({name: value for name, value in make_row(after).items() if name in changes or name == "version"})
    )
    if written.rowcount != 1:  # another instance was faster, on a database that has several writers
        message = "The conversation was changed meanwhile."
        raise RacedError(message, field="version")
    if after.title != before.title:
        index_title(connection, after.id, after.title)
    return after
