"""The request shape of the AI SDK from version 5 on: ``{id, messages: [{id, role, parts}], trigger, messageId?}``.

Parts that only a page needs (steps, sources, data) are passed over; what goes to the model is text, reasoning, images
and tool calls.

A page that runs tools of its own keeps its chat itself: its ``id`` names no conversation here, since the history that
counts, with the tools' outputs, is the one that it sends.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final, Literal, cast

import msgspec
from msgspec import structs

from penstock.core.events import Json
from penstock.core.messages import Part, ReasoningPart, Role, TextPart, ToolPart
from penstock.core.requests import ChatRequest, InputMessage
from penstock.wire.fields import Fields, complain, read_text
from penstock.wire.json_text import format_json
from penstock.wire.request_options import (
    MAX_MESSAGES,
    MAX_PARTS,
    read_conversation_id,
    read_image,
    read_options,
    split_system_prompt,
)

_ROLES: Final = ("user", "assistant", "system")
_TRIGGERS: Final = ("submit-message", "regenerate-message")
_TOOL_STATES: Final[dict[str, Literal["ready", "done", "failed"]]] = {
    "input-available": "ready",
    "approval-requested": "ready",
    "approval-responded": "ready",
    "output-available": "done",
    "output-error": "failed",
    "output-denied": "failed",
}
"""State of a tool part in the page -> ours; a call whose input never became whole is passed over."""


def recognise(body: Mapping[str, Json]) -> bool:
    """Whether only the AI SDK 5+ sends such a body: a trigger, or messages that have parts and no content."""
    if isinstance(body.get("trigger"), str):
        return True
    messages = body.get("messages")
    return isinstance(messages, list) and any(_has_only_parts(message) for message in cast("list[Json]", messages))


def decode(body: Json) -> ChatRequest:
    """Read the body; raises `CallerError` that names the field."""
    fields = Fields(body)
    is_regeneration = fields.choice("trigger", _TRIGGERS) == "regenerate-message"
    system_prompt, messages = split_system_prompt(fields, fields.each("messages", _read_message, limit=MAX_MESSAGES))
    if not is_regeneration and not any(message.role == "user" for message in messages):
        raise complain(fields.path("messages"), "must hold a message of the user")
    options = read_options(fields)
    conversation_id = read_conversation_id(fields, "id")
    is_kept = options.tools is None and not _gives_outputs(messages)
    request = ChatRequest(
        messages=messages,
        conversation_id=conversation_id if is_kept else None,
        trigger="regenerate" if is_regeneration else "submit",
        message_id=fields.name("messageId") if is_regeneration else None,
        model=fields.name("model"),
        system_prompt=system_prompt,
        options=options,
    )
    return _place(request, edited_id=fields.name("messageId")) if is_kept and not is_regeneration else request


def read_switches(body: Mapping[str, Json]) -> Mapping[str, str]:
    """Say whether the answer goes on in the page's own message, which gave the outputs of its tools."""
    if not recognise(body) or body.get("trigger") == "regenerate-message":
        return {}
    sent = Fields(body).items("messages", limit=MAX_MESSAGES)
    last = _read_message(Fields(sent[-1], f"messages[{len(sent) - 1}]")) if sent else None
    return {} if last is None or not _gives_outputs((last,)) else {"continues": "true"}


def _gives_outputs(messages: tuple[InputMessage, ...]) -> bool:
    """Whether the history ends with what the page's tools put out: the model is to go on from there."""
    if not messages or messages[-1].role != "assistant":
        return False
    return any(isinstance(part, ToolPart) and part.state in {"done", "failed"} for part in messages[-1].parts)


def _place(request: ChatRequest, *, edited_id: str | None) -> ChatRequest:
    """Say which message is new, and after which it stands."""
    index = max(i for i, message in enumerate(request.messages) if message.role == "user")
    newest = request.messages[index]
    if edited_id is None or newest.id != edited_id:
        return structs.replace(request, client_message_id=newest.id)
    # The SDK gives an edited message the id of the one that it replaces: what it says makes it another message.
    digest = hashlib.sha256(msgspec.json.encode(newest.parts)).hexdigest()[:16]
    before = request.messages[index - 1] if index else None
    return structs.replace(
        request,
        client_message_id=f"{edited_id}.{digest}",
        parent_id=before.id if before is not None and before.role == "assistant" else None,
        is_root=before is None,
    )


def _has_only_parts(message: Json) -> bool:
    return isinstance(message, dict) and "parts" in message and "content" not in message


def _read_message(fields: Fields) -> InputMessage | None:
    """Read one message; None for an assistant's that says nothing, as pages keep of a failed answer."""
    role = cast("Role | None", fields.choice("role", _ROLES))
    if role is None:
        raise complain(fields.path("role"), "is missing")
    if not fields.has("parts"):
        raise complain(fields.path("parts"), "is missing")
    parts = fields.each("parts", lambda part: _read_part(part, role), limit=MAX_PARTS)
    if not parts and role == "assistant":
        return None
    if not parts:
        raise complain(fields.path("parts"), "is empty")
    return InputMessage(role=role, parts=parts, id=fields.name("id"))


def _read_part(fields: Fields, role: Role) -> Part | None:
    kind = fields.name("type")
    match kind:
        case "text":
            text = read_text(fields.get("text"), fields.path("text"))
            return TextPart(text=text) if text else None
        case "reasoning":
            text = read_text(fields.get("text"), fields.path("text"))
            return ReasoningPart(text=text) if text else None
        case "file":
            return _read_file(fields, role)
        case "dynamic-tool":
            return _read_tool(fields, fields.required_name("toolName"))
        case None:
            raise complain(fields.path("type"), "is missing")
        case _:
            return _read_tool(fields, kind[5:]) if kind.startswith("tool-") and kind != "tool-" else None


def _read_file(fields: Fields, role: Role) -> Part | None:
    if role == "assistant":
        return None
    media_type = fields.name("mediaType") or ""
    if not media_type.startswith("image/"):
        raise complain(fields.path("mediaType"), "must be the type of an image: other files are not taken")
    return read_image(fields.get("url"), fields.path("url"), media_type=media_type)


def _read_tool(fields: Fields, name: str) -> ToolPart | None:
    state = _TOOL_STATES.get(fields.text("state") or "")
    if state is None:
        return None
    value = fields.get("input")
    error_text = (fields.text("errorText") or "The tool was not run.") if state == "failed" else None
    return ToolPart(
        tool_call_id=fields.required_name("toolCallId"),
        name=name,
        arguments=format_json(value, fields.path("input")),
        state=state,
        input=value,
        output=fields.get("output"),
        error_text=error_text,
    )
