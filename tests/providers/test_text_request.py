"""What is sent to a model that only continues text."""

from __future__ import annotations

from typing import Any

from penstock.core.messages import RefusalPart, Role, TextPart
from penstock.core.requests import InputMessage, ModelRequest, Options
from penstock.providers.chat_request import Quirks
from penstock.providers.text_request import make_text_body


def said(role: Role, text: str) -> InputMessage:
    return InputMessage(role=role, parts=(TextPart(text=text),))


def body_of(*messages: InputMessage, system: str | None = None, **options: Any) -> dict[str, Any]:
    request = ModelRequest(model="dep", messages=messages, system_prompt=system, options=Options(**options))
    return make_text_body(request, Quirks())


def test_what_the_user_says_is_the_prompt_as_it_is():
    assert body_of(said("user", "Once upon a time")) == {
        "model": "dep",
        "prompt": "Once upon a time",
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_a_system_prompt_stands_before_it():
    assert body_of(said("user", "Hello"), system="Be brief.")["prompt"] == "Be brief.\n\nHello"


def test_a_dialogue_is_its_transcript_up_to_where_the_model_goes_on():
    answer = InputMessage(role="assistant", parts=(RefusalPart(text="No."),))
    prompt = body_of(said("user", "First?"), answer, said("user", "Why?"), system="Be brief.")["prompt"]

    assert prompt == "Be brief.\n\nUser: First?\n\nAssistant: No.\n\nUser: Why?\n\nAssistant:"


def test_only_what_such_models_know_is_asked_for():
    body = body_of(
        said("user", "Hello"),
        temperature=0.5,
        max_output_tokens=7,
        stop=("END",),
        reasoning_effort="low",
        tools=({"type": "function"},),
        extra={"best_of": 1},
    )

    assert (body["temperature"], body["max_tokens"], body["stop"], body["best_of"]) == (0.5, 7, ["END"], 1)
    assert not {"reasoning_effort", "tools", "max_completion_tokens", "messages"} & body.keys()


def test_what_was_refused_before_is_left_out():
    request = ModelRequest(model="dep", messages=(said("user", "Hello"),))
    body = make_text_body(request, Quirks(left_out=frozenset({"stream_options"})))

    assert "stream_options" not in body
