"""What is sent to the Responses API."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.core import messages as m
from penstock.core.errors import ProviderError
from penstock.core.requests import InputMessage, ModelRequest, Options
from penstock.providers.chat_request import Quirks
from penstock.providers.error_shapes import Failure
from penstock.providers.responses_request import learn, make_body

TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}, "strict": True}}


def said(role: Any, *parts: m.Part, **fields: Any) -> InputMessage:
    return InputMessage(role=role, parts=parts, **fields)


def body_of(
    *messages: InputMessage, family: str = "gpt-4.1", is_background: bool = False, **options: Any
) -> dict[str, Any]:
    request = ModelRequest(model="dep", messages=messages, system_prompt="Be brief.", options=Options(**options))
    return make_body(request, Quirks(), is_background=is_background, family=family)


def test_a_plain_question_is_not_stored():
    assert body_of(said("user", m.TextPart(text="Hi"))) == {
        "model": "dep",
        "input": [{"role": "user", "content": "Hi"}],
        "instructions": "Be brief.",
        "stream": True,
        "store": False,
    }


def test_what_is_made_in_the_background_is_stored():
    body = body_of(said("user", m.TextPart(text="Hi")), is_background=True)
    assert (body["store"], body["background"]) == (True, True)


def test_a_model_that_reasons_is_asked_for_a_summary():
    asked = said("user", m.TextPart(text="Hi"))
    assert body_of(asked, family="gpt-5", reasoning_effort="low")["reasoning"] == {"effort": "low", "summary": "auto"}
    assert body_of(asked, family="gpt-5")["reasoning"] == {"summary": "auto"}
    assert "reasoning" not in body_of(asked)


def test_images_go_as_parts():
    parts = (
        m.TextPart(text="What?"),
        m.ImagePart(url="data:image/png;base64,AA=="),
        m.TextPart(text=""),
        m.ImagePart(url="https://example.org/a.png", detail="low"),
    )
    assert body_of(said("user", *parts))["input"][0]["content"] == [
        {"type": "input_text", "text": "What?"},
        {"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "auto"},
        {"type": "input_image", "image_url": "https://example.org/a.png", "detail": "low"},
    ]


def test_calls_and_results_are_items():
    done = m.ToolPart(tool_call_id="a", name="f", arguments='{"x":1}', state="done", input={"x": 1}, output={"y": 2})
    ready = m.ToolPart(tool_call_id="b", name="g", state="ready", input={})
    lost = m.ToolPart(tool_call_id="c", name="h", state="ready", input={})
    items = body_of(
        said("user", m.TextPart(text="Go")),
        said("assistant", m.TextPart(text="See:"), done, ready, lost),
        said("tool", m.TextPart(text="ok"), tool_call_id="b"),
        said("tool", done),
        said("system", m.TextPart(text="Now.")),
    )["input"]
    assert items[1:] == [
        {"role": "assistant", "content": "See:"},
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": '{"x":1}'},
        {"type": "function_call", "call_id": "b", "name": "g", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "a", "output": '{"y":2}'},
        {"type": "function_call_output", "call_id": "b", "output": "ok"},
        {"type": "function_call_output", "call_id": "a", "output": '{"y":2}'},
        {"role": "system", "content": "Now."},
    ]


def test_an_answer_without_words_or_results_is_left_out():
    assert body_of(said("assistant"))["input"] == []


def test_tools_are_flat_here():
    choice = {"type": "function", "function": {"name": "f"}}
    body = body_of(said("user"), tools=(TOOL, {"type": "web_search"}), tool_choice=choice, parallel_tool_calls=False)
    assert body["tools"] == [
        {"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": True},
        {"type": "web_search"},
    ]
    assert (body["tool_choice"], body["parallel_tool_calls"]) == ({"type": "function", "name": "f"}, False)
    assert body_of(said("user"), tool_choice="auto")["tool_choice"] == "auto"


def test_fields_that_chat_completions_have_elsewhere_are_moved():
    schema = {"type": "json_schema", "json_schema": {"name": "s", "schema": {}}}
    body = body_of(said("user"), extra={"response_format": schema, "verbosity": "low", "metadata": {"a": "b"}})
    assert body["text"] == {"format": {"type": "json_schema", "name": "s", "schema": {}}, "verbosity": "low"}
    assert body["metadata"] == {"a": "b"}


def test_what_the_api_does_not_have_is_said():
    with pytest.raises(ProviderError) as caught:
        body_of(said("user"), stop=("x",))
    assert caught.value.code == "unsupported_parameter"


@pytest.mark.parametrize(
    ("param", "detail", "left_out"),
    [
        ("reasoning.summary", "Unsupported value.", "reasoning.summary"),
        (None, "Your organization must be verified to generate reasoning summaries.", "reasoning.summary"),
        ("temperature", "Unsupported parameter.", "temperature"),
        ("reasoning.effort", "Not supported with this model.", "reasoning"),
    ],
)
def test_a_refusal_teaches_what_to_leave_out(param: str | None, detail: str, left_out: str):
    failure = Failure(error=ProviderError("No.", code="unsupported_parameter"), param=param, detail=detail)
    request = ModelRequest(model="gpt-5", messages=(), options=Options(temperature=0.5, reasoning_effort="low"))
    body = make_body(request, Quirks(), is_background=False, family="gpt-5")
    learned = learn(Quirks(), failure, body)
    assert learned is not None
    assert learned.left_out == {left_out}
    again = make_body(request, learned, is_background=False, family="gpt-5")
    assert again != body
    assert left_out not in again
    assert "summary" not in again.get("reasoning", {}) or left_out != "reasoning.summary"


def test_a_refusal_of_anything_else_teaches_nothing():
    failure = Failure(error=ProviderError("No."), param="input", detail="Too long.")
    assert learn(Quirks(), failure, {"input": []}) is None
