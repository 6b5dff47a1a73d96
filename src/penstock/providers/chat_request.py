"""`ModelRequest` -> the body of a streamed chat completion, and what is learned when a service refuses a part of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import msgspec

from penstock.core import messages as m
from penstock.core.events import Json
from penstock.core.requests import InputMessage, ModelRequest, Options
from penstock.providers.error_shapes import Failure

TokenField = Literal["max_tokens", "max_completion_tokens"]

_REASONING_FAMILIES: Final = ("o1", "o3", "o4", "gpt-5", "gpt-6", "gpt-7", "codex")
_OTHER_FIELD: Final[dict[TokenField, TokenField]] = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}
_OPTIONAL: Final = (
    "temperature",
    "top_p",
    "reasoning_effort",
    "stop",
    "tool_choice",
    "tools",
    "stream_options",
)
"""What can be left out of a request when a service refuses it."""


@dataclass(frozen=True, kw_only=True)
class Quirks:
    """What one deployment wants differently; known by its family or learned from a refusal, and then remembered."""

    token_field: TokenField = "max_completion_tokens"  # noqa: S105 - the name of a field, no secret
    left_out: frozenset[str] = frozenset()

    def learn(self, failure: Failure, body: dict[str, Json]) -> Quirks | None:
        """Give what to do differently after a refusal; None when it teaches nothing new."""
        named = f"{failure.param or ''} {failure.detail}"
        if "include_usage" in named:
            named += " stream_options"
        if self.token_field in body and refuses(self.token_field, failure.param, named):
            return replace(self, token_field=_OTHER_FIELD[self.token_field])
        for name in _OPTIONAL:
            if name in body and refuses(name, failure.param, named):
                return replace(self, left_out=self.left_out | {name})
        return None


def quirks_of(family: str, *, default: TokenField) -> Quirks:
    """Give what a model of this family (``gpt-5.4-mini``) is known to want; ``default`` for an unknown one."""
    return Quirks(token_field="max_completion_tokens" if is_reasoning(family) else default)


def is_reasoning(family: str) -> bool:
    """Whether models of this family are known to reason."""
    return family.lower().startswith(_REASONING_FAMILIES)


def make_body(request: ModelRequest, quirks: Quirks) -> dict[str, Json]:
    """Make the body, as plain JSON values, without what the deployment refuses."""
    messages: list[Json] = []
    if request.system_prompt:
        messages.append({"role": "system", "content": request.system_prompt})
    answered = frozenset(message.tool_call_id for message in request.messages if message.role == "tool")
    for message in request.messages:
        messages.extend(_write_message(message, answered))
    body: dict[str, Json] = {
        **(request.options.extra or {}),
        "model": request.model,
        "messages": messages,
        "stream": True,
        "stream_options": {"include_usage": True},
        **_write_options(request.options, quirks.token_field),
    }
    return {name: value for name, value in body.items() if name not in quirks.left_out}


def _write_options(options: Options, token_field: TokenField) -> dict[str, Json]:
    values: dict[str, Json] = {
        "temperature": options.temperature,
        "top_p": options.top_p,
        token_field: options.max_output_tokens,
        "reasoning_effort": options.reasoning_effort,
        "stop": list(options.stop) if options.stop else None,
        "tools": list(options.tools) if options.tools else None,
        "tool_choice": options.tool_choice,
        "parallel_tool_calls": options.parallel_tool_calls,
    }
    return {name: value for name, value in values.items() if value is not None}


def _write_message(message: InputMessage, answered: frozenset[str | None]) -> list[Json]:
    match message.role:
        case "user":
            return [{"role": "user", "content": _write_content(message.parts), **_write_name(message)}]
        case "system":
            return [{"role": "system", "content": join_text(message.parts)}]
        case "tool":
            return [_write_result(message)]
        case "assistant":
            return _write_answer(message, answered)


def _write_content(parts: tuple[m.Part, ...]) -> Json:
    """Write what a person sent: plain text as a string, which every service takes; with images as an array."""
    if not any(isinstance(part, m.ImagePart) for part in parts):
        return join_text(parts)
    items: list[Json] = []
    for part in parts:
        match part:
            case m.TextPart() if part.text:
                items.append({"type": "text", "text": part.text})
            case m.ImagePart():
                detail = {} if part.detail is None else {"detail": part.detail}
                items.append({"type": "image_url", "image_url": {"url": part.url, **detail}})
            case _:
                continue
    return items


def _write_name(message: InputMessage) -> dict[str, Json]:
    return {} if message.name is None else {"name": message.name}


def _write_result(message: InputMessage) -> Json:
    done = [part for part in message.parts if isinstance(part, m.ToolPart)]
    call_id = message.tool_call_id or next((part.tool_call_id for part in done), "")
    content = write_output(done[0]) if done else join_text(message.parts)
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def _write_answer(message: InputMessage, answered: frozenset[str | None]) -> list[Json]:
    """Write an earlier answer, without its reasoning, and nothing for one that was stopped before it said anything.

    Services refuse a history in which a call has no result: results kept in the part follow here, ``answered`` ones
    come as messages of their own, and a call that never had one is left out.
    """
    text = join_text(message.parts)
    calls = [part for part in message.parts if isinstance(part, m.ToolPart) and has_result(part, answered)]
    written: dict[str, Json] = {"role": "assistant", "content": text or None, **_write_name(message)}
    if calls:
        written["tool_calls"] = [_write_call(part) for part in calls]
    elif not text:
        return []
    results = [
        {"role": "tool", "tool_call_id": part.tool_call_id, "content": write_output(part)}
        for part in calls
        if part.state in {"done", "failed"}
    ]
    return [written, *results]


def has_result(part: m.ToolPart, answered: frozenset[str | None]) -> bool:
    """Whether the call's result is kept with it, or comes as one of the messages ``answered``."""
    return part.state in {"done", "failed"} or (part.state == "ready" and part.tool_call_id in answered)


def _write_call(part: m.ToolPart) -> Json:
    arguments = part.arguments or msgspec.json.encode(part.input if part.input is not None else {}).decode()
    return {"id": part.tool_call_id, "type": "function", "function": {"name": part.name, "arguments": arguments}}


def write_output(part: m.ToolPart) -> str:
    """Write a call's result as the text that services want."""
    if part.error_text is not None:
        return part.error_text
    return part.output if isinstance(part.output, str) else msgspec.json.encode(part.output).decode()


def join_text(parts: tuple[m.Part, ...]) -> str:
    """Join the words of the parts."""
    return "".join(part.text for part in parts if isinstance(part, m.TextPart | m.RefusalPart))


def refuses(name: str, param: str | None, named: str) -> bool:
    """Whether the refusal is about this field: services name it as the parameter, or only quote it."""
    if param:
        return param.split(".")[0] == name or (name == "stream_options" and "stream_options" in named)
    words = named.replace("'", " ").replace('"', " ").replace("`", " ").replace(".", " ").replace(":", " ").split()
    return name in words
