"""Tools are called as asked, with arguments that the schema allows, cut anywhere; their results are said back."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from penstock.emulator.refusals import Refusal
from penstock.emulator.tools import Toolbox, answer_results, check_results, choose_calls, read_toolbox
from support.raw_http import Ask, Wire

WEATHER = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "unit": {"enum": ["celsius", "fahrenheit"]},
        "days": {"type": "integer"},
        "ratio": {"type": ["number", "null"]},
        "is_long": {"type": "boolean"},
        "places": {"type": "array", "items": {"type": "object", "properties": {"id": {"const": 7}}}},
        "other": {"type": "null"},
    },
}
TOOLS = [
    {"type": "function", "function": {"name": "weather", "parameters": WEATHER}},
    {"type": "function", "function": {"name": "time"}},
]


def called(asked: str, **fields: Any) -> list[tuple[str, Any]]:
    box = read_toolbox({"tools": TOOLS, **fields})
    return [(call.name, json.loads(call.arguments)) for call in choose_calls(box, asked, random.Random(1))]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("call weather", ["weather"]),
        ("please call time and weather", ["weather", "time"]),
        ("Use your tools", ["weather", "time"]),
        ("call nobody", []),
        ("What is the weather?", []),
    ],
)
def test_the_caller_says_which_tools(asked: str, names: list[str]):
    assert [name for name, _ in called(asked)] == names


@pytest.mark.parametrize(
    ("choice", "asked", "names"),
    [
        ("none", "call weather", []),
        ("required", "Hi", ["weather"]),
        ("auto", "Hi", []),
        ({"type": "function", "function": {"name": "time"}}, "Hi", ["time"]),
    ],
)
def test_the_choice_is_obeyed(choice: Any, asked: str, names: list[str]):
    assert [name for name, _ in called(asked, tool_choice=choice)] == names


def test_one_call_at_a_time_when_parallel_calls_are_not_wanted():
    assert [name for name, _ in called("use your tools", parallel_tool_calls=False)] == ["weather"]


def test_arguments_are_those_given_or_made_from_the_schema():
    assert called('call weather {"city": "Oslo"}') == [("weather", {"city": "Oslo"})]
    assert called("call weather") == [
        (
            "weather",
            {
                "city": "a city",
                "unit": "celsius",
                "days": 1,
                "ratio": 1.5,
                "is_long": True,
                "places": [{"id": 7}],
                "other": None,
            },
        )
    ]
    assert called("call time") == [("time", {})]


def test_a_schema_without_end_is_cut_off():
    endless: dict[str, Any] = {"type": "array"}
    endless["items"] = endless
    box = read_toolbox({"tools": [{"type": "function", "function": {"name": "f", "parameters": endless}}]})
    (call,) = choose_calls(box, "call f", random.Random(1))
    assert json.loads(call.arguments)


def test_without_tools_nothing_is_called():
    assert choose_calls(Toolbox(), "use your tools", random.Random(1)) == ()


def test_results_are_said_word_for_word():
    assert "".join(answer_results(["-3 °C"])) == "The tool answered: -3 °C"
    assert "".join(answer_results(["a", "b"])) == "2 tools answered: a; b"


CALLS = {"role": "assistant", "tool_calls": [{"id": "1"}, {"id": "2"}]}


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([{"role": "tool", "tool_call_id": "1"}], "must be a response"),
        ([CALLS, {"role": "tool", "tool_call_id": "3"}], "must be a response"),
        ([CALLS, {"role": "tool", "tool_call_id": "1"}, {"role": "tool", "tool_call_id": "1"}], "must be a response"),
        ([CALLS, {"role": "tool", "tool_call_id": "1"}], "did not have response messages: 2"),
        ([CALLS, {"role": "tool", "tool_call_id": "1"}, {"role": "user"}], "did not have response messages: 2"),
    ],
)
def test_calls_and_results_must_belong_together(messages: list[Any], words: str):
    with pytest.raises(Refusal) as caught:
        check_results(messages)
    assert words in caught.value.reply.body.decode()


@pytest.mark.parametrize(
    ("fields", "param"),
    [({"tools": [{"type": "function"}]}, "tools[0].function.name"), ({"tool_choice": "auto"}, "tool_choice")],
)
async def test_broken_tools_are_refused_as_the_service_does(ask: Ask, fields: dict[str, Any], param: str):
    wire = await ask(**fields)
    assert (wire.status, wire.json["error"]["param"]) == (400, param)


@pytest.mark.parametrize("model", ["gpt-5.4-mini", "deepseek-chat", "think-x"])
async def test_calls_stream_in_pieces_and_end_with_their_reason(ask: Ask, model: str):
    wire = await ask('call weather and time {"city": "Oslo, Norway"}', model=model, tools=TOOLS)
    calls, reason = put_together(wire)
    assert [(call["name"], json.loads(call["arguments"])) for call in calls] == [
        ("weather", {"city": "Oslo, Norway"}),
        ("time", {"city": "Oslo, Norway"}),
    ]
    assert len({call["id"] for call in calls}) == 2
    assert all(call["pieces"] > 2 for call in calls)
    assert reason == "tool_calls"


async def test_a_limit_cuts_a_call_inside_its_arguments(ask: Ask):
    wire = await ask("use your tools", tools=TOOLS, max_completion_tokens=3)
    calls, reason = put_together(wire)
    assert ([call["name"] for call in calls], reason) == (["weather"], "length")
    with pytest.raises(json.JSONDecodeError):
        json.loads(calls[0]["arguments"])


async def test_results_are_answered(ask: Ask):
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    history = [
        {"role": "user", "content": "call weather"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "-3 °C"},
    ]
    wire = await ask(messages=history, tools=TOOLS, stream=False)
    assert wire.json["choices"][0]["message"]["content"] == "The tool answered: -3 °C"


async def test_a_whole_answer_has_its_calls(ask: Ask):
    choice = (await ask("call time", tools=TOOLS, stream=False)).json["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    assert choice["message"]["tool_calls"][0]["function"] == {"arguments": "{}", "name": "time"}


def put_together(wire: Wire) -> tuple[list[dict[str, Any]], str | None]:
    calls: list[dict[str, Any]] = []
    reason = None
    for choice in (choice for chunk in wire.chunks for choice in chunk["choices"]):
        reason = choice["finish_reason"] or reason
        for piece in choice.get("delta", {}).get("tool_calls", ()):
            if "id" in piece:
                assert piece["index"] == len(calls)
                calls.append({"id": piece["id"], "name": piece["function"]["name"], "arguments": "", "pieces": 0})
            calls[piece["index"]]["arguments"] += piece["function"]["arguments"]
            calls[piece["index"]]["pieces"] += 1
    return calls, reason
