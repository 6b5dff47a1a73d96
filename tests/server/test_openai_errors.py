"""Errors before an answer, as OpenAI's clients read them."""

from __future__ import annotations

import json

import pytest

from penstock.core.errors import CallerError, PenstockError, ProtocolError, StoreError, UnavailableError
from penstock.server.openai_errors import answer_openai_error, is_gateway


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (CallerError("No.", field="n"), 400, "invalid_request"),
        (CallerError("No.", field="model", code="unknown_model"), 404, "model_not_found"),
        (UnavailableError("Full.", code="too_many_runs"), 429, "rate_limit_exceeded"),
        (UnavailableError("Full."), 503, "unavailable"),
        (StoreError("Locked."), 503, "store_error"),
    ],
)
def test_an_error_has_the_status_that_these_clients_expect(error: PenstockError, status: int, code: str):
    response = answer_openai_error(error)
    body = json.loads(bytes(response.body))["error"]
    assert (response.status_code, body["code"], body["message"]) == (status, code, error.message)
    assert body["param"] == getattr(error, "field", None)
    assert ("retry-after" in response.headers) == (status in {429, 503})


def test_a_defect_tells_nothing_of_the_inside():
    response = answer_openai_error(ProtocolError("the secret inside"))
    assert response.status_code == 500
    assert b"secret" not in bytes(response.body)


@pytest.mark.parametrize(
    ("path", "is_one"),
    [("/v1/chat/completions", True), ("/openai/deployments/x/completions", True), ("/api/chat", False), ("/v1", False)],
)
def test_only_the_gateway_s_paths_are_its_own(path: str, *, is_one: bool):
    assert is_gateway(path) == is_one
