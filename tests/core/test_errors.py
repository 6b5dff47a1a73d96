"""Errors: a stable code, whether to try again, and a sentence."""

from __future__ import annotations

import pytest

from penstock.core import errors


@pytest.mark.parametrize(
    ("error", "code", "is_retryable"),
    [
        (errors.PenstockError("x"), "internal", False),
        (errors.CallerError("x"), "invalid_request", False),
        (errors.NotFoundError("x"), "not_found", False),
        (errors.ConflictError("x"), "conflict", False),
        (errors.GoneError("x"), "gone", False),
        (errors.ProviderError("x"), "provider_error", False),
        (errors.UpstreamEndedError("x"), "upstream_eof", True),
        (errors.ProtocolError("x"), "protocol_error", False),
        (errors.StoreError("x"), "store_error", True),
        (errors.UnavailableError("x"), "unavailable", True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_each_class_has_its_code_and_says_whether_to_try_again(
    error: errors.PenstockError, code: str, is_retryable: bool
):
    assert (error.code, error.is_retryable) == (code, is_retryable)
    assert isinstance(error, errors.PenstockError)


def test_the_sentence_is_the_message_and_the_text():
    error = errors.StoreError("The database is locked: stop the other program.")
    assert error.message == str(error) == "The database is locked: stop the other program."


def test_an_error_can_say_more_than_its_class():
    error = errors.ProviderError("Wait.", code="rate_limited", is_retryable=True, retry_after_s=1.5, status=429)
    assert (error.code, error.is_retryable, error.retry_after_s, error.status) == ("rate_limited", True, 1.5, 429)
    assert errors.ProviderError.code == "provider_error"
    assert not errors.ProviderError.is_retryable


def test_a_fault_of_the_call_names_the_field():
    error = errors.CallerError("Unknown model 'x'.", field="model", code="unknown_model")
    assert (error.field, error.code) == ("model", "unknown_model")


def test_the_repr_shows_what_can_be_observed():
    assert repr(errors.GoneError("Swept.")) == "GoneError(code='gone', message='Swept.', is_retryable=False)"
