"""`ModelRequest` -> the body of a streamed response, and what is learned when a service refuses a part of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, cast

from penstock.core import messages as m
from penstock.core.errors import ProviderError
from penstock.core.events import Json
from penstock.core.requests import InputMessage, ModelRequest, Options
from penstock.providers.chat_request import Quirks, has_result, is_reasoning, join_text, refuses, write_output
from penstock.providers.error_shapes import Failure

SUMMARY: Final = "reasoning.summary"
"""Accounts that are not verified may not ask for it."""

_OPTIONAL: Final = (SUMMARY, "temperature", "top_p", "reasoning", "parallel_tool_calls")
"""What can be left out of a request when a service refuses it."""


def make_body(request: ModelRequest, quirks: Quirks, *, is_background: bool, family: str) -> dict[str, Json]:
    """Make the body, as plain JSON values, without what the deployment refuses.

    Nothing is stored at the service, but what it makes in the background, which it has to keep to be asked for it.
    """
    options = request.options
    if options.stop:
        message = "The Responses API has no stop sequences: leave out `stop`, or use a model on chat completions."
        raise ProviderError(message, code="unsupported_parameter")
    answered = frozenset(message.tool_call_id for message in request.messages if message.role == "tool")
    body: dict[str, Json] = {
        **_write_extra(options.extra or {}),
        "model": request.model,
        "input": [item for message in request.messages for item in _write_message(message, answered)],
        "instructions": request.system_prompt,
        "stream": True,
        "store": is_background,
        "background": True if is_background else None,
        "temperature": options.temperature,
        "top_p": options.top_p,
        "max_output_tokens": options.max_output_tokens,
        "reasoning": _write_reasoning(options, quirks, family=family),
        "tools": [_flatten(tool) for tool in options.tools] if options.tools else None,
        "tool_choice": _flatten(options.tool_choice),
        "parallel_tool_calls": options.parallel_tool_calls,
    }
    return {name: value for name, value in body.items() if value is not None and name not in quirks.left_out}


def learn(quirks: Quirks, failure: Failure, body: dict[str, Json]) -> Quirks | None:
    """Give what to do differently after a refusal; None when it teaches nothing new."""
    named = f"{failure.param or ''} {failure.detail}"
    for name in _OPTIONAL:
        if name in quirks.left_out or name.partition(".")[0] not in body:
            continue
        is_named = SUMMARY in named or "reasoning summar" in named if name == SUMMARY else False
        if is_named or refuses(name, failure.param, named):
            return replace(quirks, left_out=quirks.left_out | {name})
    return None


def _write_reasoning(options: Options, quirks: Quirks, *, family: str) -> Json:
    wanted: dict[str, Json] = {} if options.reasoning_effort is None else {"effort": options.reasoning_effort}
    if is_reasoning(family) and SUMMARY not in quirks.left_out:
        wanted["summary"] = "auto"
    return wanted or None


def _write_extra(extra: dict[str, Json]) -> dict[str, Json]:
    """Move what chat completions call otherwise to where it is here; the rest goes as it is."""
    moved = {name: value for name, value in extra.items() if name not in {"response_format", "verbosity"}}
    text: dict[str, Json] = dict(cast("dict[str, Json]", moved.pop("text", None) or {}))
    if "response_format" in extra:
        text["format"] = _flatten(extra["response_format"])
    if "verbosity" in extra:
        text["verbosity"] = extra["verbosity"]
    return moved | ({"text": text} if text else {})


def _flatten(value: Json) -> Json:
    """Write ``{"type": "function", "function": {...}}`` as ``{"type": "function", ...}``, and schemas likewise."""
    if not isinstance(value, dict):
        return value
    fields = cast("dict[str, Json]", value)
    inner = fields.get(str(fields.get("type")))
    if not isinstance(inner, dict):
        return fields
    return {"type": fields["type"], **cast("dict[str, Json]", inner)}


def _write_message(message: InputMessage, answered: frozenset[str | None]) -> Iterator[Json]:
    match message.role:
        case "user":
            yield {"role": "user", "content": _write_content(message.parts)}
        case "system":
            yield {"role": "system", "content": join_text(message.parts)}
        case "tool":
            yield _write_result(message)
        case "assistant":
            yield from _write_answer(message, answered)


def _write_content(parts: tuple[m.Part, ...]) -> Json:
    if not any(isinstance(part, m.ImagePart) for part in parts):
        return join_text(parts)
    items: list[Json] = []
    for part in parts:
        match part:
            case m.TextPart() if part.text:
                items.append({"type": "input_text", "text": part.text})
            case m.ImagePart():
                items.append({"type": "input_image", "image_url": part.url, "detail": part.detail or "auto"})
            case _:
                continue
    return items


def _write_result(message: InputMessage) -> Json:
    done = [part for part in message.parts if isinstance(part, m.ToolPart)]
    call_id = message.tool_call_id or next((part.tool_call_id for part in done), "")
    output = write_output(done[0]) if done else join_text(message.parts)
    return {"type": "function_call_output", "call_id": call_id, "output": output}


def _write_answer(message: InputMessage, answered: frozenset[str | None]) -> Iterator[Json]:
    """Write an earlier answer: its words, its calls that have a result, and the results that are kept with them."""
    text = join_text(message.parts)
    if text:
        yield {"role": "assistant", "content": text}
    calls = [part for part in message.parts if isinstance(part, m.ToolPart) and has_result(part, answered)]
    for part in calls:
        call = {"call_id": part.tool_call_id, "name": part.name, "arguments": part.arguments or "{}"}
        yield {"type": "function_call", **call}
    for part in calls:
        if part.state in {"done", "failed"}:
            output = {"call_id": part.tool_call_id, "output": write_output(part)}
            yield {"type": "function_call_output", **output}
