"""The request shape of the AI SDK 4: ``{id, messages: [{role, content, parts?, toolInvocations?}]}``, no trigger.

Its ``id`` names a chat of the page and not a conversation here: such pages send their whole history each time, repeat
it to have an answer again, and name no message, so that a kept conversation could not tell the one from the other. A
page that wants its chat kept sends ``conversation_id`` beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from penstock.core.events import Json
from penstock.core.messages import Part, ReasoningPart, Role, TextPart, ToolPart
from penstock.core.requests import ChatRequest, InputMessage
from penstock.wire.fields import Fields, complain, read_text
from penstock.wire.json_text import format_json
from penstock.wire.request_options import (
    MAX_MESSAGES,
    MAX_PARTS,
    MAX_TOOLS,
    read_conversation_id,
    read_image,
    read_options,
    split_system_prompt,
)

_ROLES: Final = ("user", "assistant", "system", "data")
_MARKS: Final = ("parts", "toolInvocations", "experimental_attachments")
_STATES: Final = ("partial-call", "call", "result")


def recognise(body: Mapping[str, Json]) -> bool:
    """Whether only the AI SDK 4 sends such a body: messages with content and parts, and no trigger."""
    messages = body.get("messages")
    if "trigger" in body or not isinstance(messages, list):
        return False
    return any(_is_marked(message) for message in cast("list[Json]", messages))


def decode(body: Json) -> ChatRequest:
    """Read the body; raises `CallerError` that names the field."""
    fields = Fields(body)
    system_prompt, messages = split_system_prompt(fields, fields.each("messages", _read_message, limit=MAX_MESSAGES))
    if not any(message.role == "user" for message in messages):
        raise complain(fields.path("messages"), "must hold a message of the user")
    return ChatRequest(
        messages=messages,
        conversation_id=read_conversation_id(fields, "conversation_id"),
        client_message_id=fields.name("client_message_id"),
        model=fields.name("model"),
        system_prompt=system_prompt,
        options=read_options(fields),
        is_streaming=fields.flag("stream") is not False,
    )


def _is_marked(message: Json) -> bool:
    return isinstance(message, dict) and "content" in message and any(mark in message for mark in _MARKS)


def _read_message(fields: Fields) -> InputMessage | None:
    """Read one message; None for an assistant's that says nothing, and for data, which is the page's own."""
    word = fields.choice("role", _ROLES)
    if word is None:
        raise complain(fields.path("role"), "is missing")
    if word == "data":
        return None
    role = cast("Role", word)
    parts = _read_answer(fields) if role == "assistant" else _read_question(fields)
    if not parts and role == "assistant":
        return None
    if not parts:
        raise complain(fields.path("content"), "is empty")
    return InputMessage(role=role, parts=parts, id=fields.name("id"))


def _read_question(fields: Fields) -> tuple[Part, ...]:
    text = fields.text("content")
    images = fields.each("experimental_attachments", _read_attachment, limit=MAX_PARTS)
    return (TextPart(text=text), *images) if text else images


def _read_attachment(fields: Fields) -> Part:
    media_type = fields.name("contentType") or ""
    if not media_type.startswith("image/"):
        raise complain(fields.path("contentType"), "must be the type of an image: other files are not taken")
    return read_image(fields.get("url"), fields.path("url"), media_type=media_type)


def _read_answer(fields: Fields) -> tuple[Part, ...]:
    """Read the parts, which say all in order; older pages have only the text and, beside it, the calls."""
    if fields.has("parts"):
        return fields.each("parts", _read_part, limit=MAX_PARTS)
    text = fields.text("content")
    calls = fields.each("toolInvocations", _read_call, limit=MAX_TOOLS)
    return (TextPart(text=text), *calls) if text else calls


def _read_part(fields: Fields) -> Part | None:
    """Read one part; None for what only a page needs."""
    match fields.name("type"):
        case "text":
            text = read_text(fields.get("text"), fields.path("text"))
            return TextPart(text=text) if text else None
        case "reasoning":
            text = read_text(fields.get("reasoning"), fields.path("reasoning"))
            return ReasoningPart(text=text) if text else None
        case "tool-invocation":
            return _read_call(Fields(fields.get("toolInvocation"), fields.path("toolInvocation")))
        case None:
            raise complain(fields.path("type"), "is missing")
        case _:
            return None


def _read_call(fields: Fields) -> ToolPart | None:
    state = fields.choice("state", _STATES)
    if state is None or state == "partial-call":
        return None
    arguments, result = fields.get("args"), fields.get("result")
    format_json(result, fields.path("result"))
    return ToolPart(
        tool_call_id=fields.required_name("toolCallId"),
        name=fields.required_name("toolName"),
        arguments=format_json(arguments, fields.path("args")),
        state="done" if state == "result" else "ready",
        input=arguments,
        output=result,
    )
