"""A conversation as a Markdown document: the branch that ends in its newest message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from penstock.core.messages import AttachmentPart, Conversation, Message, ReasoningPart, RefusalPart, TextPart

_HEADINGS: Final = {"user": "You", "assistant": "Assistant", "system": "System", "tool": "Tool"}
_NOTES: Final = {
    "stopped": "This answer was stopped.",
    "failed": "This answer failed.",
    "interrupted": "This answer was interrupted.",
}


def newest_branch(messages: Sequence[Message]) -> list[Message]:
    """Give the messages from the root to the newest one."""
    by_id = {message.id: message for message in messages}
    branch: list[Message] = []
    message = messages[-1] if messages else None
    while message is not None:
        branch.append(message)
        message = by_id.get(message.parent_id) if message.parent_id is not None else None
    return branch[::-1]


def write_markdown(conversation: Conversation, messages: Sequence[Message]) -> str:
    """Write the newest branch."""
    title = conversation.title or "Conversation"
    blocks = [f"# {title}"]
    for message in newest_branch(messages):
        model = f" ({message.model})" if message.model else ""
        blocks.append(f"## {_HEADINGS[message.role]}{model}")
        blocks.extend(_write_parts(message))
    return "\n\n".join(blocks) + "\n"


def _write_parts(message: Message) -> Iterator[str]:
    for part in message.parts:
        match part:
            case TextPart():
                yield part.text
            case AttachmentPart():
                yield f"*Attached: {part.name}*"
            case RefusalPart() | ReasoningPart():
                yield "\n".join(f"> {line}" for line in part.text.splitlines())
            case _:
                pass
    note = _NOTES.get(message.status)
    if note is not None:
        yield f"*{note}*"
