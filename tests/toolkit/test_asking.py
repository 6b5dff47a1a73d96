"""What a program asks."""

from __future__ import annotations

import pytest

from penstock.core.errors import CallerError
from penstock.core.messages import TextPart
from penstock.core.requests import InputMessage, Options
from penstock.toolkit.asking import make_request


def test_a_text_is_what_the_user_says():
    request = make_request("Hello", model="m", system_prompt="Be brief.")

    assert request.messages == (InputMessage(role="user", parts=(TextPart(text="Hello"),)),)
    assert (request.model, request.system_prompt) == ("m", "Be brief.")


def test_a_history_keeps_its_roles():
    history = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi."},
        {"role": "user", "content": "And now?"},
    ]

    assert [message.role for message in make_request(history).messages][-3:] == ["user", "assistant", "user"]


def test_options_are_read_as_over_http():
    request = make_request("Hello", temperature=0.5, max_output_tokens=10, stop=["END"], reasoning_effort="low")

    assert request.options == Options(temperature=0.5, max_output_tokens=10, stop=("END",), reasoning_effort="low")


@pytest.mark.parametrize(("asking", "field"), [({"top_p": 2}, "top_p"), ({"stop": [""]}, "stop")])
def test_what_is_wrong_is_named(asking: dict[str, object], field: str):
    with pytest.raises(CallerError) as caught:
        make_request("Hello", **asking)  # pyright: ignore[reportArgumentType] - what a program without types may do

    assert (caught.value.field or "").startswith(field)


def test_an_empty_history_is_refused():
    with pytest.raises(CallerError):
        make_request([])
