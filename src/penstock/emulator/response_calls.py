"""A request of the Responses API as the emulator understands it: told in the words of chat completions, and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import msgspec
from msgspec import Struct, structs

from penstock.core.events import Json
from penstock.emulator import refusals
from penstock.emulator.calls import ChatCall, is_reasoning, model_of, read_call
from penstock.emulator.refusals import Refusal

_UNKNOWN = ("stop", "messages", "max_tokens", "max_completion_tokens", "n", "seed", "logit_bias", "response_format")
"""Parameters of chat completions that this API refuses."""
_FEWEST_TOKENS = 16


class ResponseCall(Struct, frozen=True, kw_only=True):
    """What a request asks for."""

    chat: ChatCall
    is_background: bool


def read_response_call(body: Mapping[str, Json]) -> ResponseCall:
    """Read a request as the service would; raises `Refusal` with the service's 400."""
    for name in _UNKNOWN:
        if name in body:
            code = "unknown_parameter"
            raise Refusal(refusals.invalid_request(f"Unknown parameter: '{name}'.", param=name, code=code))
    deployment = str(body.get("model", ""))
    reasoning = cast("dict[str, Json]", body.get("reasoning") or {})
    if reasoning and not is_reasoning(model_of(deployment)):
        raise Refusal(refusals.unsupported_parameter(f"reasoning.{next(iter(reasoning))}"))
    is_background = body.get("background") is True
    if is_background and body.get("store") is False:
        message = "Background mode requires 'store' to be true."
        raise Refusal(refusals.invalid_request(message, param="background"))
    if isinstance(body.get("max_output_tokens"), int) and body["max_output_tokens"] < _FEWEST_TOKENS:
        message = f"Invalid 'max_output_tokens': expected a value >= {_FEWEST_TOKENS}."
        code = "integer_below_min_value"
        raise Refusal(refusals.invalid_request(message, param="max_output_tokens", code=code))
    chat = read_call(_as_chat(body), deployment, None)
    return ResponseCall(
        chat=structs.replace(chat, wants_summary=bool(reasoning.get("summary"))), is_background=is_background
    )


def _as_chat(body: Mapping[str, Json]) -> dict[str, Json]:
    given = body.get("input")
    if not given:
        message = "Missing required parameter: 'input'."
        raise Refusal(refusals.invalid_request(message, param="input", code="missing_required_parameter"))
    items: list[Json] = [{"role": "user", "content": given}] if isinstance(given, str) else given
    messages: list[Json] = []
    if body.get("instructions"):
        messages.append({"role": "system", "content": body["instructions"]})
    try:
        for item in msgspec.convert(items, type=list[dict[str, Json]]):
            _add_item(messages, item)
    except (msgspec.ValidationError, KeyError) as error:
        message = "Invalid value for 'input': expected an array of input items."
        raise Refusal(refusals.invalid_request(message, param="input", code="invalid_value")) from error
    asked = {name: body[name] for name in ("parallel_tool_calls", "temperature", "top_p", "stream") if name in body}
    tools = [_nested(tool) for tool in cast("list[Json]", body.get("tools") or [])]
    return {
        **asked,
        "messages": messages,
        "max_completion_tokens": body.get("max_output_tokens"),
        "tools": tools,
        "tool_choice": _nested(body.get("tool_choice")),
        "stream_options": {"include_usage": True},
    }


def _add_item(messages: list[Json], item: dict[str, Json]) -> None:
    match item.get("type", "message"):
        case "function_call":
            call = {"id": item["call_id"], "function": {"name": item["name"], "arguments": item["arguments"]}}
            if not messages or "tool_calls" not in messages[-1]:
                messages.append({"role": "assistant", "content": None, "tool_calls": []})
            messages[-1]["tool_calls"].append(call)
        case "function_call_output":
            messages.append({"role": "tool", "tool_call_id": item["call_id"], "content": item["output"]})
        case "message":
            messages.append({"role": item["role"], "content": _content(item["content"])})
        case _:
            pass


def _content(content: Json) -> Json:
    if isinstance(content, str):
        return content
    parts = msgspec.convert(content, type=list[dict[str, Json]])
    return [
        {"type": "image_url", "image_url": {"url": part["image_url"]}}
        if part.get("type") == "input_image"
        else {"type": "text", "text": part.get("text") or ""}
        for part in parts
    ]


def _nested(value: Json) -> Json:
    """Write a function as chat completions have it."""
    if not isinstance(value, dict):
        return value
    fields = cast("dict[str, Json]", value)
    if fields.get("type") != "function":
        return fields
    return {"type": "function", "function": {name: item for name, item in fields.items() if name != "type"}}
