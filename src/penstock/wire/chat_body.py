"""The request shape of chat.completions, ``{messages: [{role, content}], ...}``, and ``{message, systemPrompt}``."""

from __future__ import annotations

from typing import Final, cast, get_args

from penstock.core.errors import CallerError
from penstock.core.events import Json
from penstock.core.messages import ImageDetail, Part, RefusalPart, Role, TextPart, ToolPart
from penstock.core.requests import ChatRequest, InputMessage
from penstock.wire.fields import Fields, complain, read_text
from penstock.wire.json_text import parse_json
from penstock.wire.request_options import (
    MAX_MESSAGES,
    MAX_TOOLS,
    read_content,
    read_conversation_id,
    read_image,
    read_options,
    split_system_prompt,
)

_ROLES: Final = ("user", "assistant", "system", "developer", "tool")


def decode(body: Json) -> ChatRequest:
    """Read the body, in which the user must say something; raises `CallerError` that names the field."""
    fields = Fields(body)
    request = read(fields)
    if not any(message.role == "user" for message in request.messages):
        raise complain(fields.path("messages"), "must hold a message of the user")
    return request


def read(fields: Fields) -> ChatRequest:
    """Read the body, whoever speaks in it."""
    system_prompt, messages = split_system_prompt(fields, _read_messages(fields))
    return ChatRequest(
        messages=messages,
        conversation_id=read_conversation_id(fields, "conversation_id"),
        client_message_id=fields.name("client_message_id"),
        model=fields.name("model"),
        system_prompt=system_prompt,
        options=read_options(fields),
        is_streaming=fields.flag("stream") is not False,
    )


def _read_messages(fields: Fields) -> tuple[InputMessage, ...]:
    if fields.has("message") and not fields.has("messages"):
        text = fields.text("message")
        if not text:
            raise complain(fields.path("message"), "is empty")
        return (InputMessage(role="user", parts=(TextPart(text=text),)),)
    if not fields.has("messages"):
        problem = "`messages` is missing: send a list of {role, content}."
        raise CallerError(problem, field="messages")
    return fields.each("messages", _read_message, limit=MAX_MESSAGES)


def _read_message(fields: Fields) -> InputMessage | None:
    """Read one message; None for an assistant's that says nothing, as clients keep of a failed answer."""
    word = fields.choice("role", _ROLES)
    if word is None:
        raise complain(fields.path("role"), "is missing")
    role = cast("Role", "system" if word == "developer" else word)
    parts = read_content(fields, "content", _read_part)
    if role == "assistant":
        parts = (*parts, *fields.each("tool_calls", _read_tool_call, limit=MAX_TOOLS))
        if not parts:
            return None
    elif not parts and role != "tool":  # a tool may well have nothing to say
        raise complain(fields.path("content"), "is empty")
    tool_call_id = fields.required_name("tool_call_id") if role == "tool" else None
    return InputMessage(
        role=role, parts=parts, id=fields.name("id"), tool_call_id=tool_call_id, name=fields.name("name")
    )


def _read_part(fields: Fields) -> Part:
    match fields.choice("type", ("text", "image_url", "refusal")):
        case "text":
            return TextPart(text=read_text(fields.get("text"), fields.path("text")))
        case "refusal":
            return RefusalPart(text=read_text(fields.get("refusal"), fields.path("refusal")))
        case "image_url":
            image = fields.get("image_url")
            if isinstance(image, str):
                return read_image(image, fields.path("image_url"))
            inner = Fields(image, fields.path("image_url"))
            detail = cast("ImageDetail | None", inner.choice("detail", get_args(ImageDetail)))
            return read_image(inner.get("url"), inner.path("url"), detail=detail)
        case _:
            raise complain(fields.path("type"), "is missing")


def _read_tool_call(fields: Fields) -> ToolPart:
    function = Fields(fields.get("function"), fields.path("function"))
    arguments = function.text("arguments") or ""
    return ToolPart(
        tool_call_id=fields.required_name("id"),
        name=function.required_name("name"),
        arguments=arguments,
        state="ready",
        input=parse_json(arguments),
    )
