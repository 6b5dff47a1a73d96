"""Conversations of any length, put straight into a server's database: asking a thousand questions takes an hour."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import create_engine

from penstock.stores.tables import conversations, messages

STARTED_AT = 1_770_000_000.0
ANSWER = "Answer {number} has **bold words**, `code` and a list:\n\n- one\n- two\n\n```python\nprint({number})\n```\n"


def add_conversation(database: Path, *, name: str, count: int, owner: str = "local") -> None:
    """Add a conversation of ``count`` messages: questions and answers in turn, each the child of the one before."""
    conversation = {
        "id": name,
        "owner": owner,
        "title": f"A talk of {count}",
        "title_source": "person",
        "pinned": False,
        "created_at": STARTED_AT,
        "updated_at": STARTED_AT + count,
        "version": 1,
    }
    engine = create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        connection.execute(conversations.insert(), conversation)
        connection.execute(messages.insert(), [_message(name, number) for number in range(count)])
    engine.dispose()


def _message(name: str, number: int) -> dict[str, object]:
    is_question = number % 2 == 0
    text = f"Question {number}, needle-{number}." if is_question else ANSWER.format(number=number)
    return {
        "id": f"{name}-{number}",
        "conversation_id": name,
        "parent_id": f"{name}-{number - 1}" if number else None,
        "role": "user" if is_question else "assistant",
        "parts": json.dumps([{"type": "text", "part_id": "text-0", "text": text}]),
        "status": "finished",
        "created_at": STARTED_AT + number,
        "model": None if is_question else "gpt-5.4-mini",
    }
