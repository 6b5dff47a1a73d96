"""The request shape of OpenAI's Responses API: ``{input, instructions?, ...}``, as Azure's samples send it.

``input`` is a text, or a list of messages, function calls and their outputs. Tools become what chat completions call
them. What would have to be kept between requests is refused by its name, since leaving it out would change the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast, get_args

import msgspec

from penstock.core.events import Json
from penstock.core.messages import ImageDetail, Part, RefusalPart, Role, TextPart, ToolPart
from penstock.core.requests import ChatRequest, Effort, InputMessage, Options
from penstock.wire.fields import Fields, complain, read_text
from penstock.wire.json_text import parse_json
from penstock.wire.request_options import (
    MAX_MESSAGES,
    MAX_TOKENS,
    MAX_TOOLS,
    read_content,
    read_conversation_id,
    read_image,
    read_options,
    split_system_prompt,
)

_ROLES: Final = ("user", "assistant", "system", "developer")
_KEPT: Final = ("previous_response_id", "conversation", "prompt")
_TEXTS: Final = ("input_text", "output_text", "text")
_PARTS: Final = (*_TEXTS, "input_image", "refusal")
_ITEMS: Final = ("message", "function_call", "function_call_output", "reasoning")


def recognise(body: Mapping[str, Json]) -> bool:
    """Whether only a client of this API sends such a body."""
    return "input" in body and "messages" not in body and "message" not in body


def decode(body: Json) -> ChatRequest:
    """Read the body; raises `CallerError` that names the field."""
    fields = Fields(body)
    for name in _KEPT:
        if fields.has(name):
            raise complain(fields.path(name), "is not kept here: send the whole input, or conversation_id")
    system_prompt, messages = split_system_prompt(fields, _read_input(fields))
    if not any(message.role == "user" for message in messages):
        raise complain(fields.path("input"), "must hold a message of the user")
    instructions = fields.text("instructions")
    return ChatRequest(
        messages=messages,
        conversation_id=read_conversation_id(fields, "conversation_id"),
        client_message_id=fields.name("client_message_id"),
        model=fields.name("model"),
        system_prompt="\n\n".join(text for text in (instructions, system_prompt) if text) or None,
        options=_read_options(cast("Mapping[str, Json]", body)),
        is_streaming=fields.flag("stream") is not False,
    )


def _read_options(body: Mapping[str, Json]) -> Options:
    """Read the options under this API's names and shapes."""
    fields = Fields(body)
    reasoning = Fields(fields.get("reasoning") or {}, fields.path("reasoning"))
    options = read_options(Fields({**body, "tools": _read_tools(fields), "tool_choice": _read_choice(fields)}))
    return msgspec.structs.replace(
        options,
        max_output_tokens=fields.integer("max_output_tokens", low=1, high=MAX_TOKENS),
        reasoning_effort=cast("Effort | None", reasoning.choice("effort", get_args(Effort))),
    )


def _read_tools(fields: Fields) -> list[Json]:
    return [
        _read_tool(Fields(tool, f"{fields.path('tools')}[{i}]"), tool)
        for i, tool in enumerate(fields.items("tools", limit=MAX_TOOLS))
    ]


def _read_tool(fields: Fields, tool: Json) -> Json:
    """Put a function's fields into the object in which chat completions has them."""
    if fields.get("type") != "function" or fields.has("function"):
        return tool
    fields.required_name("name")
    return {"type": "function", "function": {name: value for name, value in tool.items() if name != "type"}}


def _read_choice(fields: Fields) -> Json:
    choice = fields.get("tool_choice")
    if not isinstance(choice, Mapping) or "name" not in choice:
        return cast("Json", choice)
    inner = Fields(cast("Json", choice), fields.path("tool_choice"))
    return {"type": "function", "function": {"name": inner.required_name("name")}}


def _read_input(fields: Fields) -> tuple[InputMessage, ...]:
    value = fields.get("input")
    if isinstance(value, str):
        text = read_text(value, fields.path("input"))
        if not text:
            raise complain(fields.path("input"), "is empty")
        return (InputMessage(role="user", parts=(TextPart(text=text),)),)
    messages: list[InputMessage] = []
    for message in fields.each("input", _read_item, limit=MAX_MESSAGES):
        if messages and _is_more_of(messages[-1], message):
            messages[-1] = msgspec.structs.replace(messages[-1], parts=(*messages[-1].parts, *message.parts))
        else:
            messages.append(message)
    return tuple(messages)


def _is_more_of(before: InputMessage, message: InputMessage) -> bool:
    """Whether this is a call of the same turn: chat completions wants all calls of a turn in one message."""
    return before.role == message.role == "assistant" and all(isinstance(part, ToolPart) for part in message.parts)


def _read_item(fields: Fields) -> InputMessage | None:
    """Read one item; None for reasoning, which is the service's own, and for an answer that says nothing."""
    match fields.choice("type", _ITEMS):
        case "function_call":
            return InputMessage(role="assistant", parts=(_read_call(fields),))
        case "function_call_output":
            return _read_output(fields)
        case "reasoning":
            return None
        case _:
            return _read_message(fields)


def _read_message(fields: Fields) -> InputMessage | None:
    word = fields.choice("role", _ROLES)
    if word is None:
        raise complain(fields.path("role"), "is missing")
    role = cast("Role", "system" if word == "developer" else word)
    parts = read_content(fields, "content", _read_part)
    if not parts and role == "assistant":
        return None
    if not parts:
        raise complain(fields.path("content"), "is empty")
    return InputMessage(role=role, parts=parts)


def _read_call(fields: Fields) -> ToolPart:
    arguments = fields.text("arguments") or ""
    return ToolPart(
        tool_call_id=fields.required_name("call_id"),
        name=fields.required_name("name"),
        arguments=arguments,
        state="ready",
        input=parse_json(arguments),
    )


def _read_output(fields: Fields) -> InputMessage:
    call_id = fields.required_name("call_id")
    return InputMessage(role="tool", parts=read_content(fields, "output", _read_part), tool_call_id=call_id)


def _read_part(fields: Fields) -> Part:
    match fields.choice("type", _PARTS):
        case "input_image":
            detail = cast("ImageDetail | None", fields.choice("detail", get_args(ImageDetail)))
            return read_image(fields.get("image_url"), fields.path("image_url"), detail=detail)
        case "refusal":
            return RefusalPart(text=read_text(fields.get("refusal"), fields.path("refusal")))
        case None:
            raise complain(fields.path("type"), "is missing")
        case _:
            return TextPart(text=read_text(fields.get("text"), fields.path("text")))
