"""What a request must fulfil before anything is written; whole requests are refused in test_beginning."""

from __future__ import annotations

import pytest

from penstock.core.errors import CallerError
from penstock.core.messages import ImagePart, TextPart
from penstock.core.requests import InputMessage
from penstock.runs.checks import check_request, has_content, last_user_index
from runs.scripted import ask


def said(role: str, text: str) -> InputMessage:
    return InputMessage(role=role, parts=(TextPart(text=text),))  # pyright: ignore[reportArgumentType] - a role


def test_good_requests_pass():
    check_request(ask(conversation_id="A-z_0" + "9" * 59, client_message_id="any/thing printable", system_prompt="é😀"))


def test_half_a_surrogate_pair_in_the_system_prompt_is_named():
    with pytest.raises(CallerError) as caught:
        check_request(ask(system_prompt="\udc00"))
    assert caught.value.field == "system_prompt"


def test_the_newest_user_message_is_found_and_must_not_be_empty():
    assert last_user_index((said("user", "a"), said("user", "b"), said("assistant", "c"))) == 1
    with pytest.raises(CallerError):
        last_user_index((said("user", "a"), said("user", "\u00a0\n")))


def test_blank_text_is_no_content_and_an_image_is():
    assert not has_content(())
    assert not has_content((TextPart(text=" "),))
    assert has_content((TextPart(text=" "), ImagePart(url="data:,")))
