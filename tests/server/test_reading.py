"""The quick way to a run's events answers as the routes do, and takes nothing else."""

from __future__ import annotations

import logging

import aiohttp
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from penstock.core.errors import NotFoundError
from penstock.server.reading import Reading
from support.running import Running


async def ask(reading: Reading, path: str, *, method: str = "GET", root_path: str = "") -> tuple[int, str, bytes]:
    """Send one request as a server would; gives status, media type and body."""
    sent = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "root_path": root_path,
        "headers": [],
        "query_string": b"",
    }
    await reading(scope, receive, send)
    media_type = dict(sent[0]["headers"])[b"content-type"].decode()
    return sent[0]["status"], media_type, b"".join(message.get("body", b"") for message in sent[1:])


def make_reading() -> Reading:
    api = FastAPI()

    @api.api_route("/{path:path}", methods=["GET", "POST"])
    async def rest(path: str) -> Response:
        return PlainTextResponse(f"the API: {path}")

    async def follow(request: Request, run_id: str) -> Response:
        assert request.app is api, "the services are found through it"
        if run_id == "none":
            message = "There is no such run."
            raise NotFoundError(message)
        if run_id == "broken":
            raise ZeroDivisionError
        return PlainTextResponse(f"run {run_id}")

    return Reading(api, follow)


@pytest.mark.parametrize("root_path", ["", "/chat"])
async def test_the_events_of_a_run_go_the_quick_way(root_path: str):
    found = await ask(make_reading(), f"{root_path}/api/runs/r1/events", root_path=root_path)
    assert found == (200, "text/plain; charset=utf-8", b"run r1")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "api/runs/r1/events"),
        ("GET", "api/runs/r1"),
        ("GET", "api/runs/r1/events/more"),
        ("GET", "api/runs/r1/x/events"),
        ("GET", "x/api/runs/r1/events"),
    ],
)
async def test_all_else_is_left_to_the_api(method: str, path: str):
    status, _, body = await ask(make_reading(), f"/{path}", method=method)
    assert (status, body.decode()) == (200, f"the API: {path}")


async def test_errors_are_problems_as_they_are_elsewhere(caplog: pytest.LogCaptureFixture):
    status, media_type, body = await ask(make_reading(), "/api/runs/none/events")
    assert (status, media_type) == (404, "application/problem+json")
    assert b"There is no such run." in body
    with caplog.at_level(logging.ERROR):
        status, media_type, body = await ask(make_reading(), "/api/runs/broken/events")
    assert (status, media_type) == (500, "application/problem+json")
    assert b"ZeroDivisionError" not in body
    assert "ZeroDivisionError" in caplog.text


async def test_a_refusal_on_the_quick_way_has_the_headers_of_every_answer(server: Running):
    async with server.call("GET", "/api/runs/run_none/events") as response:
        assert response.status == 404
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    async with aiohttp.ClientSession() as session, session.head(f"{server.url}/api/runs/run_none/events") as response:
        assert response.status == 405
