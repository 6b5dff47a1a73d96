"""Requests: what is left out has a meaning, and they go through JSON unchanged."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from penstock.core import requests as r
from penstock.core.messages import TextPart
from support.legal_logs import structs_of

options = structs_of(
    r.Options,
    temperature=st.none() | st.floats(0, 2),
    top_p=st.none() | st.floats(0, 1),
    max_output_tokens=st.none() | st.integers(1, 10_000_000),
    stop=st.none() | st.lists(st.text(min_size=1, max_size=8), max_size=2).map(tuple),
)
kept = st.one_of(
    options,
    structs_of(r.InputMessage),
    structs_of(r.ChatRequest, options=options),
    structs_of(r.ModelRequest, options=options),
)


@given(kept)
def test_what_is_asked_for_goes_through_json_unchanged(record: msgspec.Struct):
    assert msgspec.json.decode(msgspec.json.encode(record), type=type(record)) == record


def test_a_request_streams_a_new_answer_unless_it_says_otherwise():
    request = r.ChatRequest(messages=(r.InputMessage(role="user", parts=(TextPart(text="hi"),)),))
    assert request.is_streaming
    assert request.trigger == "submit"
    assert request.options == r.Options()


def test_options_that_nobody_chose_are_not_sent():
    assert msgspec.to_builtins(r.Options()) == {}


def test_the_question_is_the_newest_thing_the_user_said():
    said = [("user", "First?"), ("assistant", "Yes."), ("user", "Second?"), ("assistant", "Well")]
    messages = tuple(r.InputMessage(role=role, parts=(TextPart(text=text),)) for role, text in said)  # pyright: ignore[reportArgumentType] - the roles are literals

    assert r.ModelRequest(model="m", messages=messages).question == "Second?"
    assert r.ModelRequest(model="m", messages=()).question == ""
