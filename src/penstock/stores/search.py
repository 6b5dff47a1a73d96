"""Search over titles and message text: a text matches when it contains every word of the query, in any case.

Texts are kept folded (``search_texts``), so that any database finds them with LIKE. Where SQLite has FTS5, a trigram
index over them (``search_index``, kept by triggers that the migration makes) answers for words of three letters and
more, with the same meaning.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from sqlalchemy import Connection, Select, column, delete, insert, select, table, text

from penstock.core.messages import Message
from penstock.stores.tables import search_texts

_MAX_WORDS: Final = 16
_MAX_LETTERS: Final = 200
_TRIGRAM: Final = 3

_index = table("search_index", column("rowid"))


def _fold(words: str) -> str:
    return unicodedata.normalize("NFKC", words.replace("\0", " ")).casefold()


def split_query(query: str) -> list[str]:
    """Give the words to look for; any input is legal, an empty list means that there is nothing to look for."""
    valid = query.encode("utf-8", "ignore").decode()
    return [word[:_MAX_LETTERS] for word in _fold(valid).split()[:_MAX_WORDS]]


def index_title(connection: Connection, conversation_id: str, title: str | None) -> None:
    """Make the title findable, instead of the one before."""
    place = (search_texts.c.conversation_id == conversation_id, search_texts.c.message_id == "")
    connection.execute(delete(search_texts).where(*place))
    if title:
        connection.execute(
            insert(search_texts).values(conversation_id=conversation_id, message_id="", folded=_fold(title))
        )


def index_message(connection: Connection, message: Message) -> None:
    """Make the message's text findable."""
    if message.text:
        connection.execute(
            insert(search_texts).values(
                conversation_id=message.conversation_id, message_id=message.id, folded=_fold(message.text)
            )
        )


def select_matching(connection: Connection, words: list[str]) -> Select[str]:
    """Give the statement that selects the ids of the conversations in which some text has every word."""
    found = select(search_texts.c.conversation_id)
    has_index = _has_index(connection)
    long_words = [word for word in words if has_index and len(word) >= _TRIGRAM]
    if long_words:
        phrases = " AND ".join('"' + word.replace('"', '""') + '"' for word in long_words)
        matches = select(_index.c.rowid).where(text("search_index MATCH :phrases").bindparams(phrases=phrases))
        found = found.where(search_texts.c.id.in_(matches))
    for word in words:
        if word not in long_words:
            found = found.where(search_texts.c.folded.contains(word, autoescape=True))
    return found


def _has_index(connection: Connection) -> bool:
    if connection.dialect.name != "sqlite":
        return False
    return connection.scalar(text("SELECT 1 FROM sqlite_master WHERE name = 'search_index'")) is not None
