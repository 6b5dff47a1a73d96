"""The tables of OpenAI's words are whole."""

from __future__ import annotations

from typing import get_args

import pytest

from penstock.core import events as e
from penstock.wire.openai_words import FINISH_WORDS, describe_failure, make_error

KNOWN = {"stop", "length", "tool_calls", "content_filter", "function_call"}


def test_every_reason_is_a_word_that_typed_clients_know():
    assert set(FINISH_WORDS) == set(get_args(e.FinishReason))
    assert set(FINISH_WORDS.values()) <= KNOWN


@pytest.mark.parametrize("by", get_args(e.StoppedBy))
def test_a_stop_is_an_error_that_a_client_does_not_try_again_when_the_user_asked_for_it(by: e.StoppedBy):
    """OpenAI's libraries try 408, 409, 429 and 5xx again by themselves."""
    status, error = describe_failure(e.RunStopped(by=by))
    assert error["error"]["code"] == f"stopped_by_{by}"
    assert (status in {408, 409, 429} or status >= 500) == (by in {"timeout", "shutdown"})


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (403, "permission_error"),
        (404, "invalid_request_error"),
        (429, "rate_limit_error"),
        (503, "server_error"),
    ],
)
def test_the_kind_of_an_error_follows_its_status(status: int, kind: str):
    assert make_error(status=status, message="No.", code="no")["error"] == {
        "message": "No.",
        "type": kind,
        "param": None,
        "code": "no",
    }
