"""A conversation as Markdown."""

from __future__ import annotations

from typing import Any

from penstock.core.messages import Conversation, Message, ReasoningPart, TextPart
from penstock.server.transcript import newest_branch, write_markdown

CONVERSATION = Conversation(id="c", owner="o", title="Pipes", created_at=0, updated_at=0)


def message(message_id: str, parent_id: str | None, role: str, text: str, **fields: Any) -> Message:
    written = {"parts": (TextPart(text=text),), **fields}
    return Message(id=message_id, conversation_id="c", parent_id=parent_id, role=role, created_at=0, **written)


def test_the_branch_is_that_of_the_newest_message():
    tree = [
        message("a", None, "user", "q"),
        message("b", "a", "assistant", "old"),
        message("c", "a", "assistant", "new"),
    ]
    assert [item.id for item in newest_branch(tree)] == ["a", "c"]
    assert newest_branch([]) == []


def test_reasoning_is_quoted_and_a_stop_is_noted():
    parts = (ReasoningPart(text="one\ntwo"), TextPart(text="half an"))
    answer = message("b", "a", "assistant", "", parts=parts, status="stopped", model="m")
    assert write_markdown(CONVERSATION, [message("a", None, "user", "q"), answer]) == (
        "# Pipes\n\n## You\n\nq\n\n## Assistant (m)\n\n> one\n> two\n\nhalf an\n\n*This answer was stopped.*\n"
    )
