"""Fragments of tool calls by index."""

from __future__ import annotations

from typing import Any

from penstock.core import events as e
from penstock.providers.answer_writer import AnswerWriter
from penstock.providers.tool_calls import ToolCallReader


def read(*items: dict[str, Any]) -> list[e.Event]:
    writer = AnswerWriter()
    reader = ToolCallReader(writer)
    for item in items:
        reader.read(item)
    reader.end()
    writer.end_parts()
    return list(writer.take())


def ready(events: list[e.Event]) -> list[tuple[str, str, Any]]:
    return [(x.tool_call_id, x.name, x.input) for x in events if isinstance(x, e.ToolCallReady)]


def test_a_name_may_come_after_the_id_and_the_arguments():
    late = {"index": 0, "function": {"name": "f", "arguments": "1}"}}
    events = read({"index": 0, "id": "a"}, {"index": 0, "function": {"arguments": '{"x":'}}, late)
    assert ready(events) == [("a", "f", {"x": 1})]


def test_items_without_an_index_go_by_id():
    first, second = ({"id": name, "function": {"name": name, "arguments": "{}"}} for name in "ab")
    assert [name for _, name, _ in ready(read(first, second))] == ["a", "b"]


def test_an_id_that_comes_twice_is_made_unique():
    item = {"id": "a", "function": {"name": "f", "arguments": "{}"}}
    assert [call for call, _, _ in ready(read({"index": 0, **item}, {"index": 1, **item}))] == ["a", "a-2"]


def test_a_call_that_never_has_a_name_is_not_lost():
    assert ready(read({"index": 0, "id": "a", "function": {"arguments": "{}"}})) == [("a", "", {})]
