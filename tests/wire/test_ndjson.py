"""What readers of the AI Chat Protocol rely on, in both of its flavours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from penstock.core import events as e
from penstock.wire.ndjson import DIALECT
from support.wire_logs import encode, few, whole_logs

FLAVOURS: list[dict[str, Any]] = [{}, {"sessionState": "s"}, {"session_state": None}]


def read(log: list[e.Event], body: dict[str, Any]) -> list[dict[str, Any]]:
    answer = encode(DIALECT, log, parameters=DIALECT.read_switches(body))
    assert answer.endswith(b"\n")
    return [json.loads(line) for line in answer.split(b"\n")[:-1]]


@pytest.mark.parametrize("body", FLAVOURS)
@few
@given(log=whole_logs())
def test_every_line_has_a_delta_but_the_error_s_which_stands_alone(body: dict[str, Any], log: list[e.Event]):
    *objects, last = read(log, body)
    assert all(isinstance(value["delta"], dict) and "error" not in value for value in objects)
    assert set(last) == {"error"} or "status" in last["context"]


@pytest.mark.parametrize("body", FLAVOURS)
@few
@given(log=whole_logs())
def test_the_first_and_the_last_line_have_the_state(body: dict[str, Any], log: list[e.Event]):
    objects = [value for value in read(log, body) if "error" not in value]
    assert objects[0]["delta"] == {"role": "assistant"}
    for value in (objects[0], objects[-1]):
        assert {name: value[name] for name in body} == body


@few
@given(log=whole_logs())
def test_the_demo_s_page_can_always_show_what_it_has(log: list[e.Event]):
    """Its rules: ``data_points`` replace all it has, content adds, any other context is merged, an error throws."""
    shown: dict[str, Any] = {}
    for value in read(log, {"session_state": None}):
        context = value.get("context", {})
        if context.get("data_points"):
            shown = value | {"message": value["delta"]}
        elif context:
            shown["context"] = shown["context"] | context
        elif "error" in value:
            assert isinstance(value["error"], str)
            assert shown["context"]["status"] != "finished"
        assert shown["message"]["role"] == "assistant"
        assert isinstance(shown["context"]["thoughts"], list) or "thoughts" in context


@few
@given(log=whole_logs())
def test_an_error_is_an_object_for_microsoft_s_client(log: list[e.Event]):
    last = read(log, {})[-1]
    if "error" in last:
        assert {type(last["error"]["code"]), type(last["error"]["message"])} == {str}
