"""Errors as problem JSON."""

from __future__ import annotations

import pytest

from penstock.core.errors import (
    CallerError,
    ConflictError,
    GoneError,
    NotFoundError,
    PenstockError,
    ProviderError,
    StoreError,
    UnavailableError,
)
from penstock.server.problems import answer_error, status_of
from support.running import Running


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (CallerError("x"), 400),
        (NotFoundError("x"), 404),
        (ConflictError("x"), 409),
        (GoneError("x"), 410),
        (CallerError("x", code="too_large"), 413),
        (ProviderError("x"), 502),
        (StoreError("x"), 503),
        (UnavailableError("x"), 503),
        (PenstockError("x"), 500),
    ],
)
def test_every_kind_of_error_has_its_status(error: PenstockError, status: int):
    assert status_of(error) == status


def test_what_may_pass_says_when_to_come_back():
    assert answer_error(UnavailableError("x")).headers["Retry-After"] == "1"
    assert answer_error(UnavailableError("x", retry_after_s=7)).headers["Retry-After"] == "7"


def test_a_defect_says_nothing_of_the_inside():
    assert b"secret" not in answer_error(PenstockError("secret")).body


async def test_an_unhandled_exception_is_a_500_without_details(server: Running, monkeypatch: pytest.MonkeyPatch):
    async def fail(*_: object) -> None:
        message = "the secret"
        raise RuntimeError(message)

    monkeypatch.setattr(server.application.services.engine, "get_run", fail)
    async with server.call("GET", "/api/runs/run_1") as response:
        text = await response.text()
    assert response.status == 500
    assert response.content_type == "application/problem+json"
    assert "secret" not in text


async def test_an_unknown_path_and_a_wrong_method_are_problems(server: Running):
    problem = await server.json("GET", "/api/nothing", status=404)
    assert problem["title"] == "Not Found"
    problem = await server.json("DELETE", "/api/models", status=405)
    assert problem["code"] == "method_not_allowed"
