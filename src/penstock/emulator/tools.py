"""Tools as the emulator uses them: which it calls, with what arguments, and what it makes of their results.

It has no model, so the caller says which: ``call weather and time`` calls the tools that are named, ``use your tools``
all of them, and ``call weather {"city": "Oslo"}`` gives the arguments. Arguments that nobody gave are made from the
tool's schema. They are cut anywhere, as a model's tokens are.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from typing import cast

import msgspec
from msgspec import Struct

from penstock.core.events import Json
from penstock.emulator import refusals
from penstock.emulator.refusals import Refusal
from penstock.emulator.tokens import split

_ASKED = re.compile(r"\b(call|use)\b(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_ALL = re.compile(r"\btools?\b", re.IGNORECASE)
_MOST_CHARACTERS = 6
"""Of a fragment of arguments: about what a token of JSON has."""
_DEEPEST = 6


class Tool(Struct, frozen=True):
    """A function that may be called."""

    name: str
    schema: Mapping[str, Json]


class ToolCall(Struct, frozen=True):
    """A call with its arguments in fragments."""

    id: str
    name: str
    fragments: tuple[str, ...]

    @property
    def arguments(self) -> str:
        """All fragments, joined."""
        return "".join(self.fragments)


class Toolbox(Struct, frozen=True, kw_only=True):
    """What a request says about tools."""

    tools: tuple[Tool, ...] = ()
    choice: Json = None
    is_parallel: bool = True


def read_toolbox(body: Mapping[str, Json]) -> Toolbox:
    """Read a request's tools; raises `Refusal` with the service's 400 for broken ones."""
    tools: list[Tool] = []
    for index, item in enumerate(cast("list[Json]", body.get("tools") or [])):
        try:
            function = msgspec.convert(item["function"], type=dict[str, Json])
            tools.append(Tool(msgspec.convert(function["name"], type=str), function.get("parameters") or {}))
        except (msgspec.ValidationError, KeyError, TypeError) as error:
            param = f"tools[{index}].function.name"
            message = f"Missing required parameter: '{param}'."
            code = "missing_required_parameter"
            raise Refusal(refusals.invalid_request(message, param=param, code=code)) from error
    if not tools and body.get("tool_choice") is not None:
        message = "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified."
        raise Refusal(refusals.invalid_request(message, param="tool_choice"))
    is_parallel = body.get("parallel_tool_calls") is not False
    return Toolbox(tools=tuple(tools), choice=body.get("tool_choice"), is_parallel=is_parallel)


def check_results(messages: Sequence[Mapping[str, Json]]) -> None:
    """Refuse a history in which calls and results do not belong together, as the service does."""
    waiting: list[str] = []
    for message in messages:
        if message.get("role") == "tool":
            if message.get("tool_call_id") not in waiting:
                _refuse_history(
                    "messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
                )
            waiting.remove(str(message["tool_call_id"]))
            continue
        if waiting:
            break
        waiting = [str(call["id"]) for call in _read_calls(message)]
    if waiting:
        _refuse_history(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            f"'tool_call_id'. The following tool_call_ids did not have response messages: {', '.join(waiting)}"
        )


def _read_calls(message: Mapping[str, Json]) -> list[dict[str, Json]]:
    return msgspec.convert(message.get("tool_calls") or [], type=list[dict[str, Json]])


def choose_calls(box: Toolbox, asked: str, rng: random.Random) -> tuple[ToolCall, ...]:
    """Choose the calls that answer the last user message; none when it does not ask for any."""
    wanted = _wanted(box, asked)
    if not box.is_parallel:
        wanted = wanted[:1]
    given = _given_arguments(asked)
    return tuple(_make_call(tool, given, rng) for tool in wanted)


def answer_results(results: Sequence[str]) -> tuple[str, ...]:
    """Say what the tools gave, word for word, so that nobody can think it was made up."""
    subject = "The tool" if len(results) == 1 else f"{len(results)} tools"
    return tuple(split(f"{subject} answered: {'; '.join(results)}"))


def _wanted(box: Toolbox, asked: str) -> tuple[Tool, ...]:
    if isinstance(box.choice, Mapping):
        choice = cast("Mapping[str, Mapping[str, Json]]", box.choice)
        return tuple(tool for tool in box.tools if tool.name == choice.get("function", {}).get("name"))
    match = None if box.choice == "none" else _ASKED.search(asked)
    if match is not None:
        words = re.findall(r"[\w.-]+", match["rest"].partition("{")[0])
        named = tuple(tool for tool in box.tools if tool.name in words)
        if named or _ALL.search(match["rest"]):
            return named or box.tools
    return box.tools[:1] if box.choice == "required" else ()


def _given_arguments(asked: str) -> str | None:
    start, end = asked.find("{"), asked.rfind("}")
    return asked[start : end + 1] if 0 <= start < end else None


def _make_call(tool: Tool, given: str | None, rng: random.Random) -> ToolCall:
    arguments = given or msgspec.json.encode(_example(tool.schema, tool.name)).decode()
    fragments: list[str] = []
    place = 0
    while place < len(arguments):
        size = rng.randint(1, _MOST_CHARACTERS)
        fragments.append(arguments[place : place + size])
        place += size
    return ToolCall(f"call_{rng.getrandbits(96):024x}", tool.name, tuple(fragments))


def _example(schema: Mapping[str, Json], name: str, depth: int = 0) -> Json:
    """Make a value that the schema allows, as far as it is simple."""
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("enum", "examples"):
        if schema.get(key):
            return schema[key][0]
    kinds = schema.get("type", "object")
    kind = cast("list[str]", kinds)[0] if isinstance(kinds, list) else cast("str", kinds)
    if depth > _DEEPEST:
        return None
    if kind == "object":
        properties = cast("Mapping[str, Mapping[str, Json]]", schema.get("properties") or {})
        return {key: _example(inner, key, depth + 1) for key, inner in properties.items()}
    if kind == "array":
        return [_example(schema.get("items") or {"type": "string"}, name, depth + 1)]
    plain: dict[str, Json] = {"string": f"a {name}", "integer": 1, "number": 1.5, "boolean": True}
    return plain.get(kind)


def _refuse_history(message: str) -> None:
    raise Refusal(refusals.invalid_request(message, param="messages"))
