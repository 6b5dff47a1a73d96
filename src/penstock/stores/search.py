"""Search over titles and message text: a text matches when it contains every word of the query, in any case.

Texts are kept folded (``search_texts``), so that any database finds them with LIKE. Where SQLite has FTS5, a trigram
index over them (``search_index``, kept by triggers that the migration makes) answers for words of three letters and
more, with the same meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, and_, column, delete, insert, select, table, text

from penstock.core.messages import Conversation, Message
from penstock.core.storage import Match
from penstock.stores.records import read_record
from penstock.stores.snippets import cut_snippet, fold
from penstock.stores.tables import messages, search_texts

_MAX_WORDS: Final = 16
_MAX_LETTERS: Final = 200
_TRIGRAM: Final = 3

_index = table("search_index", column("rowid"))


def split_query(query: str) -> list[str]:
    """Give the words to look for; any input is legal, an empty list means that there is nothing to look for."""
    valid = query.encode("utf-8", "ignore").decode()
    return [word[:_MAX_LETTERS] for word in fold(valid).split()[:_MAX_WORDS]]


def index_title(connection: Connection, conversation_id: str, title: str | None) -> None:
    """Make the title findable, instead of the one before."""
    place = (search_texts.c.conversation_id == conversation_id, search_texts.c.message_id == "")
    connection.execute(delete(search_texts).where(*place))
    if title:
        connection.execute(
            insert(search_texts).values(conversation_id=conversation_id, message_id="", folded=fold(title))
        )


def index_message(connection: Connection, message: Message) -> None:
    """Make the message's text findable."""
    if message.text:
        connection.execute(
            insert(search_texts).values(
                conversation_id=message.conversation_id, message_id=message.id, folded=fold(message.text)
            )
        )


def select_matching(connection: Connection, words: list[str]) -> Select[str]:
    """Give the statement that selects the ids of the conversations in which some text has every word."""
    return select(search_texts.c.conversation_id).where(_has_words(connection, words))


def find_matches(connection: Connection, page: Sequence[Conversation], words: list[str]) -> tuple[Match, ...]:
    """Say where in each conversation of a page the words stand: in the title, or else in the newest message."""
    place = search_texts.c
    ids = [conversation.id for conversation in page]
    found = select(place.conversation_id, place.message_id, place.id).where(
        place.conversation_id.in_(ids), _has_words(connection, words)
    )
    newest: dict[str, tuple[bool, int, str]] = {}
    for conversation_id, message_id, number in connection.execute(found):
        rank = (message_id == "", number, message_id)
        newest[conversation_id] = max(newest.get(conversation_id, rank), rank)
    texts = _read_texts(connection, {key: rank[2] for key, rank in newest.items() if rank[2]})
    matches: list[Match] = []
    for conversation in page:
        if conversation.id not in newest:  # it was changed between the two questions
            continue
        message_id = newest[conversation.id][2] or None
        said = texts.get(conversation.id, "") if message_id else conversation.title or ""
        snippet = cut_snippet(said, words)
        matches.append(Match(conversation_id=conversation.id, message_id=message_id, snippet=snippet))
    return tuple(matches)


def forget(connection: Connection, conversation_ids: Sequence[str]) -> None:
    """Make nothing of these conversations findable."""
    connection.execute(delete(search_texts).where(search_texts.c.conversation_id.in_(conversation_ids)))


def _read_texts(connection: Connection, places: dict[str, str]) -> dict[str, str]:
    """Give the texts of messages, by their conversation."""
    wanted = select(messages).where(messages.c.conversation_id.in_(places), messages.c.id.in_(places.values()))
    read = (read_record(Message, row) for row in connection.execute(wanted).mappings())
    return {message.conversation_id: message.text for message in read if places[message.conversation_id] == message.id}


def _has_words(connection: Connection, words: list[str]) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = []
    has_index = _has_index(connection)
    long_words = [word for word in words if has_index and len(word) >= _TRIGRAM]
    if long_words:
        phrases = " AND ".join('"' + word.replace('"', '""') + '"' for word in long_words)
        matches = select(_index.c.rowid).where(text("search_index MATCH :phrases").bindparams(phrases=phrases))
        conditions.append(search_texts.c.id.in_(matches))
    short_words = (word for word in words if word not in long_words)
    conditions.extend(search_texts.c.folded.contains(word, autoescape=True) for word in short_words)
    return and_(*conditions)


def _has_index(connection: Connection) -> bool:
    if connection.dialect.name != "sqlite":
        return False
    return connection.scalar(text("SELECT 1 FROM sqlite_master WHERE name = 'search_index'")) is not None
