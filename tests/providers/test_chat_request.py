"""What is sent to a service."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.core import messages as m
from penstock.core.errors import ProviderError
from penstock.core.requests import InputMessage, ModelRequest, Options
from penstock.providers.chat_request import Quirks, make_body, quirks_of
from penstock.providers.error_shapes import Failure


def body_of(*messages: InputMessage, system: str | None = None, **options: Any) -> dict[str, Any]:
    request = ModelRequest(model="dep", messages=messages, system_prompt=system, options=Options(**options))
    return make_body(request, Quirks())


def user(*parts: m.Part) -> InputMessage:
    return InputMessage(role="user", parts=parts)


def assistant(*parts: m.Part) -> InputMessage:
    return InputMessage(role="assistant", parts=parts)


def test_a_plain_question():
    assert body_of(user(m.TextPart(text="Hi")), system="Be brief.") == {
        "model": "dep",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_images_go_as_parts_beside_the_text():
    body = body_of(user(m.TextPart(text="What?"), m.ImagePart(url="data:image/png;base64,AA==")))
    assert body["messages"][0]["content"] == [
        {"type": "text", "text": "What?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
    ]


def test_how_closely_to_look_at_an_image_goes_along():
    body = body_of(user(m.ImagePart(url="https://example.org/a.png", detail="high")))
    assert body["messages"][0]["content"] == [
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "high"}}
    ]


def test_who_speaks_goes_along():
    ann = InputMessage(role="user", parts=(m.TextPart(text="Hi"),), name="ann")
    bot = InputMessage(role="assistant", parts=(m.TextPart(text="Hello"),), name="bot")
    assert [message["name"] for message in body_of(ann, bot)["messages"]] == ["ann", "bot"]


def test_fields_that_are_not_interpreted_go_along_but_never_stand_in_for_ours():
    body = body_of(user(m.TextPart(text="a")), extra={"seed": 7, "stream": False, "model": "other"})
    assert (body["seed"], body["stream"], body["model"]) == (7, True, "dep")


def test_tools_go_as_they_are():
    tools = ({"type": "function", "function": {"name": "f", "strict": True}},)
    body = body_of(user(m.TextPart(text="a")), tools=tools, tool_choice="required", parallel_tool_calls=False)
    assert body["tools"] == list(tools)
    assert (body["tool_choice"], body["parallel_tool_calls"]) == ("required", False)


def test_reasoning_is_not_sent_back():
    body = body_of(assistant(m.ReasoningPart(text="secret thought"), m.TextPart(text="Yes.")))
    assert body["messages"] == [{"role": "assistant", "content": "Yes."}]


def test_an_answer_that_was_stopped_before_it_began_is_left_out():
    assert body_of(user(m.TextPart(text="a")), assistant(), user(m.TextPart(text="b")))["messages"] == [
        {"role": "user", "content": "a"},
        {"role": "user", "content": "b"},
    ]


def test_a_call_goes_with_its_result():
    call = m.ToolPart(tool_call_id="t", name="f", arguments='{"a":1}', state="done", input={"a": 1}, output={"b": 2})
    messages = body_of(assistant(m.TextPart(text="See:"), call))["messages"]
    function = {"name": "f", "arguments": '{"a":1}'}
    assert messages == [
        {
            "role": "assistant",
            "content": "See:",
            "tool_calls": [{"id": "t", "type": "function", "function": function}],
        },
        {"role": "tool", "tool_call_id": "t", "content": '{"b":2}'},
    ]


def test_a_call_is_answered_by_a_tool_message():
    call = m.ToolPart(tool_call_id="t", name="f", state="ready", input={})
    result = InputMessage(role="tool", tool_call_id="t", parts=(m.TextPart(text="42"),))
    messages = body_of(assistant(call), result)["messages"]
    assert messages[0]["tool_calls"][0]["function"]["arguments"] == "{}"
    assert messages[1] == {"role": "tool", "tool_call_id": "t", "content": "42"}


def test_a_call_without_a_result_is_left_out():
    """Services refuse a history in which a call was never answered."""
    calls = [m.ToolPart(tool_call_id=state, name="f", state=state) for state in ("ready", "invalid", "streaming")]
    assert body_of(assistant(m.TextPart(text="a"), *calls))["messages"] == [{"role": "assistant", "content": "a"}]


def test_options_go_under_the_services_names():
    body = body_of(temperature=0.0, top_p=0.9, max_output_tokens=5, reasoning_effort="low", stop=("x",), tools=({},))
    assert {name: body[name] for name in ("temperature", "top_p", "reasoning_effort", "stop", "tools")} == {
        "temperature": 0.0,
        "top_p": 0.9,
        "reasoning_effort": "low",
        "stop": ["x"],
        "tools": [{}],
    }
    assert body["max_completion_tokens"] == 5


@pytest.mark.parametrize(
    ("family", "field"),
    [("gpt-5.4-mini", "max_completion_tokens"), ("o4-mini", "max_completion_tokens"), ("llama", "max_tokens")],
)
def test_the_family_tells_the_name_of_the_limit(family: str, field: str):
    assert quirks_of(family, default="max_tokens").token_field == field


@pytest.mark.parametrize(
    ("param", "detail", "field", "left_out"),
    [
        ("max_completion_tokens", "Unknown parameter.", "max_tokens", set[str]()),
        (None, "'temperature' does not support 0", "max_completion_tokens", {"temperature"}),
        ("stream_options.include_usage", "No.", "max_completion_tokens", {"stream_options"}),
        (None, "body.stream_options: Extra inputs are not permitted", "max_completion_tokens", {"stream_options"}),
    ],
)
def test_a_refusal_teaches(param: str | None, detail: str, field: str, left_out: set[str]):
    body = body_of(temperature=0.0, max_output_tokens=5)
    failure = Failure(error=ProviderError("No."), param=param, detail=detail)
    assert Quirks().learn(failure, body) == Quirks(token_field=field, left_out=frozenset(left_out))  # pyright: ignore[reportArgumentType] - a parameter


@pytest.mark.parametrize("detail", ["The messages are too long.", "stop doing that, temperature-wise", ""])
def test_a_refusal_of_something_else_teaches_nothing(detail: str):
    body = body_of(temperature=0.0)
    assert Quirks().learn(Failure(error=ProviderError("No."), param="messages", detail=detail), body) is None
