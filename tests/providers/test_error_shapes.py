"""Whatever a service answers when it refuses: the right code, a sentence to act on, and never a key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from penstock.core.errors import ProviderError
from penstock.providers.error_shapes import Failure, Service, read_error_body, read_error_value

SERVICE = Service("Azure OpenAI", "my-deployment", ("key-0123456789",))
FILTER_MESSAGE = "The response was filtered due to the prompt triggering Azure OpenAI's content management policy."
HATE = {"hate": {"filtered": True, "severity": "high"}, "sexual": {"filtered": False, "severity": "safe"}}


def read(body: Any, status: int) -> Failure:
    return read_error_body(SERVICE, body if isinstance(body, bytes) else json.dumps(body).encode(), status=status)


def error_of(body: Any, status: int) -> ProviderError:
    return read(body, status).error


@pytest.mark.parametrize(
    ("inner", "categories"),
    [
        ({"innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": HATE}}, "(hate)"),
        ({"inner_error": {"code": "ResponsibleAIPolicyViolation", "content_filter_results": HATE}}, "(hate)"),
        ({"content_filters": [{"blocked": True, "source_type": "prompt", "content_filter_results": HATE}]}, "(hate)"),
        ({"type": None, "param": "prompt", "status": 400}, ""),
        ({}, ""),
    ],
    ids=["singular", "plural", "content_filters", "no inner error", "code and message"],
)
def test_a_filtered_prompt_is_named_in_every_shape(inner: dict[str, Any], categories: str):
    failure = read({"error": {"message": FILTER_MESSAGE, "code": "content_filter", **inner}}, 400)
    assert failure.error.code == "content_filter"
    assert not failure.error.is_retryable
    assert categories in failure.error.message
    assert failure.prompt_filter is not None
    assert failure.prompt_filter.blocked
    assert [name for name, verdict in failure.prompt_filter.verdicts.items() if verdict.filtered] == (
        ["hate"] if categories else []
    )


def test_a_filtered_prompt_is_known_by_its_words_alone():
    assert error_of({"error": {"message": FILTER_MESSAGE}}, 400).code == "content_filter"


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": "401", "message": "Access denied due to invalid subscription key."}},
        {"statusCode": 401, "message": "Unauthorized. Access token is missing, invalid, or have expired."},
        {"error": {"code": "invalid_api_key", "message": "Incorrect API key provided: sk-abc****xyz0123456."}},
    ],
)
def test_refused_credentials_name_what_to_check_and_quote_nothing(body: dict[str, Any]):
    error = error_of(body, 401)
    assert error.code == "authentication"
    assert "API key" in error.message
    assert "sk-" not in error.message


def test_a_missing_role_names_the_role():
    error = error_of({"error": {"code": "PermissionDenied", "message": "Principal does not have access."}}, 403)
    assert error.code == "permission"
    assert "Cognitive Services OpenAI User" in error.message


def test_an_unknown_deployment_is_named():
    error = error_of({"error": {"code": "DeploymentNotFound", "message": "It does not exist."}}, 404)
    assert error.code == "deployment_not_found"
    assert "my-deployment" in error.message


@pytest.mark.parametrize(
    ("message", "wait_s"),
    [
        ("Requests to the Operation have exceeded token rate limit. Please retry after 7 seconds.", 7.0),
        (
            "Your requests to D in Sweden Central have exceeded the limit. Please retry after 45 seconds.",
            45,
        ),
        ("The system is currently experiencing high demand. Please retry after 20 seconds.", 20.0),
        ("Rate limit reached. Please try again in 350ms.", 0.35),
        ("Please retry after 86400 seconds.", 86400.0),
        ("Slow down.", None),
    ],
)
def test_a_rate_limit_says_when_to_come_back(message: str, wait_s: float | None):
    error = error_of({"error": {"code": "429", "message": message}}, 429)
    assert (error.code, error.retry_after_s, error.is_retryable, error.status) == ("rate_limited", wait_s, True, 429)


def test_a_header_counts_more_than_the_text():
    body = json.dumps({"error": {"message": "Please retry after 45 seconds."}}).encode()
    assert read_error_body(SERVICE, body, status=429, retry_after_s=2.0).error.retry_after_s == 2.0


def test_a_used_up_quota_is_not_tried_again():
    error = error_of({"error": {"code": "insufficient_quota", "message": "You exceeded your current quota."}}, 429)
    assert (error.code, error.is_retryable) == ("rate_limited", False)
    assert "billing" in error.message


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"error": {"code": "context_length_exceeded", "message": "Too long."}}, 400, "context_length"),
        ({"message": "This model's maximum context length is 4096 tokens.", "code": 400}, 400, "context_length"),
        (
            {"error": {"code": "unsupported_value", "param": "temperature", "message": "x"}},
            400,
            "unsupported_parameter",
        ),
        ({"error": {"code": "unsupported_parameter", "message": "x"}}, 400, "unsupported_parameter"),
        ({"error": {"code": "Timeout", "message": "The operation was timeout."}}, 408, "timeout"),
        ({"error": {"type": "server_error", "message": "x", "code": None}}, 500, "server_error"),
        (b"<html><h1>502 Bad Gateway</h1></html>", 502, "server_error"),
        (b"", 503, "overloaded"),
        (b"\xff\xfe\x00", 418, "invalid_request"),
        ([{"error": {"code": 404, "message": "models/x is not found"}}], 404, "deployment_not_found"),
        ({"detail": [{"loc": ["body", "stop"], "msg": "Extra inputs are not permitted"}]}, 422, "invalid_request"),
        ({"detail": "Not Found"}, 404, "deployment_not_found"),
        ({"error": "model requires more memory"}, 500, "server_error"),
        ({}, 301, "bad_response"),
    ],
)
def test_other_refusals(body: Any, status: int, code: str):
    error = error_of(body, status)
    assert (error.code, error.status) == (code, status)


def test_html_is_told_as_text():
    assert "502 Bad Gateway" in error_of(b"<html><h1>502 Bad Gateway</h1></html>", 502).message


def test_details_of_a_validating_server_are_told():
    failure = read({"detail": [{"loc": ["body", "stop"], "msg": "Extra inputs are not permitted"}]}, 422)
    assert failure.detail == "body.stop: Extra inputs are not permitted"


def test_secrets_and_what_looks_like_one_are_never_repeated():
    message = "Bad key key-0123456789, sk-proj-abcdefgh12345 or Bearer eyJhbGciOi.abc"
    error = error_of({"error": {"message": message}}, 400)
    for secret in ("0123456789", "abcdefgh", "eyJ"):
        assert secret not in error.message


def test_a_long_message_is_cut():
    assert len(error_of({"error": {"message": "x" * 100_000}}, 400).message) < 600


def test_a_frame_without_a_known_word_is_the_providers_error():
    assert read_error_value(SERVICE, {"error": {"message": "Hm."}}).error.code == "provider_error"
