"""Request bodies of every shape: the spec's cases, and that no JSON body raises anything but a `CallerError`."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.composition.dialects import DIALECTS
from penstock.core.errors import CallerError
from penstock.wire import ui_body
from penstock.wire.request_body import decode
from support.spec_cases import read_cases

WORDS = [
    "messages",
    "message",
    "role",
    "content",
    "parts",
    "type",
    "text",
    "id",
    "trigger",
    "messageId",
    "file",
    "url",
    "mediaType",
    "user",
    "assistant",
    "tool",
    "tool_calls",
    "function",
    "arguments",
    "name",
    "image_url",
    "submit-message",
    "regenerate-message",
    "tool-f",
    "dynamic-tool",
    "toolName",
    "toolCallId",
    "state",
    "input",
    "output-available",
    "output-error",
    "errorText",
    "reasoning",
    "temperature",
    "max_tokens",
    "stop",
    "tools",
    "tool_choice",
    "stream",
    "reasoning_effort",
    "system",
    "model",
    "conversation_id",
    "tool_call_id",
    "refusal",
    "input_text",
    "input_image",
    "function_call",
    "function_call_output",
    "call_id",
    "instructions",
    "context",
    "session_state",
    "toolInvocations",
    "tool-invocation",
    "experimental_attachments",
]
words = st.sampled_from(WORDS)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | words
    | st.text(alphabet=st.characters(), max_size=4)
    | st.just("\ud83d")
    | st.just(10**400)
    | st.just("data:image/png;base64,AA==")
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words | st.text(max_size=3), inner, max_size=5),
    max_leaves=25,
)
parts = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(
            ["text", "image_url", "refusal", "reasoning", "file", "tool-f", "dynamic-tool", "data-x"]
        ),
        "text": leaves,
        "image_url": values,
        "refusal": leaves,
        "url": leaves,
        "mediaType": st.just("image/png") | leaves,
        "toolCallId": st.just("c") | leaves,
        "toolName": st.just("f") | leaves,
        "state": st.sampled_from(["input-available", "output-available", "output-error"]) | leaves,
        "input": values,
        "output": values,
        "errorText": leaves,
    },
)
messages = st.fixed_dictionaries(
    {},
    optional={
        "role": st.sampled_from(["user", "assistant", "system", "developer", "tool"]) | leaves,
        "content": st.just("Hi") | st.lists(parts, max_size=3) | values,
        "parts": st.lists(parts, max_size=3) | values,
        "id": leaves,
        "tool_calls": st.lists(values, max_size=2) | leaves,
        "tool_call_id": leaves,
    },
)
bodies = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(WORDS, values)
    | {"messages": st.lists(messages, max_size=4) | values, "trigger": st.just("submit-message") | values},
) | st.fixed_dictionaries(
    {"input": st.lists(messages, max_size=4) | values}, optional=dict.fromkeys(WORDS[-13:], values)
)


@pytest.mark.parametrize("case", read_cases("wire/requests"))
def test_the_case_holds(case: dict[str, Any]):
    if "error" in case:
        with pytest.raises(CallerError) as caught:
            decode(case["body"])
        assert {"field": caught.value.field, "message": caught.value.message} == case["error"]
        assert caught.value.code == "invalid_request"
    else:
        assert msgspec.json.decode(msgspec.json.encode(decode(case["body"]))) == case["request"]


@given(body=values | bodies)
def test_no_body_raises_anything_but_a_caller_error(body: Any):
    with contextlib.suppress(CallerError):
        assert msgspec.json.encode(decode(body).messages).startswith(b"[")


@given(body=values | bodies)
def test_recognising_a_body_never_fails(body: Any):
    if isinstance(body, dict):
        assert {dialect.recognise(body) for dialect in DIALECTS} <= {True, False}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"messages": [{"role": "user", "content": "Hi"}] * 2_001}, "messages"),
        ({"messages": [{"role": "user", "content": "x" * 2_000_001}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "x"}] * 257}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": "\ud83d"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": "Hi"}], "temperature": float("nan")}, "temperature"),
        ({"messages": [{"role": "user", "content": "Hi"}], "top_p": float("inf")}, "top_p"),
        ({"messages": [{"role": "user", "content": "Hi"}], "tools": [{"type": "function"}] * 129}, "tools"),
    ],
    ids=["messages", "text", "parts", "surrogate", "nan", "infinity", "tools"],
)
def test_what_is_too_much_or_not_text_is_refused_by_its_place(body: dict[str, Any], field: str):
    with pytest.raises(CallerError) as caught:
        decode(body)
    assert caught.value.field == field


def test_a_tool_s_input_that_is_not_writable_is_refused_by_its_place():
    """Half a surrogate pair inside a value; such JSON is legal but no text."""
    part = {"type": "tool-f", "toolCallId": "c", "state": "input-available", "input": {"a": "\ud83d"}}
    body = {"trigger": "submit-message", "messages": [{"role": "assistant", "parts": [part]}]}
    with pytest.raises(CallerError) as caught:
        decode(body)
    assert caught.value.field == "messages[0].parts[0].input"


def test_a_file_that_the_assistant_made_is_passed_over():
    image = {"type": "file", "mediaType": "text/plain", "url": "data:,x"}
    answer = {"role": "assistant", "parts": [image, {"type": "text", "text": "See."}]}
    body = {
        "trigger": "submit-message",
        "messages": [{"role": "user", "parts": [{"type": "text", "text": "Hi"}]}, answer],
    }
    assert len(decode(body).messages[1].parts) == 1


OUTPUT = {"type": "tool-f", "toolCallId": "t", "state": "output-error", "errorText": "no"}
ASKED = {"role": "user", "parts": [{"type": "text", "text": "hello"}]}


@pytest.mark.parametrize(
    ("body", "goes_on"),
    [
        ({"messages": [ASKED, {"role": "assistant", "parts": [OUTPUT]}]}, True),
        ({"messages": [ASKED, {"role": "assistant", "parts": [OUTPUT]}], "trigger": "regenerate-message"}, False),
        ({"messages": [ASKED, {"role": "assistant", "parts": [OUTPUT]}, ASKED]}, False),
        ({"messages": [ASKED, {"role": "assistant", "parts": [{"type": "text", "text": "Hi"}]}]}, False),
        ({"messages": [ASKED, {"role": "assistant", "parts": []}]}, False),
        ({"messages": [], "trigger": "submit-message"}, False),
        ({"messages": [{"role": "user", "content": "hello"}]}, False),
    ],
)
def test_only_outputs_of_a_page_s_tools_go_on_in_its_own_message(body: dict[str, Any], *, goes_on: bool):
    assert ui_body.read_switches(body) == ({"continues": "true"} if goes_on else {})
