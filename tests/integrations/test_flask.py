"""Penstock inside a Flask program, under werkzeug's own server; gunicorn and waitress are in tests/examples."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, request
from werkzeug.serving import make_server

from penstock.emulator.server import Emulator
from penstock.integrations.flask import StreamingAnswer
from penstock.toolkit.sync_client import SyncClient

Get = Callable[..., http.client.HTTPResponse]


@pytest.fixture
def kept() -> list[str]:
    """What the program kept of its answers."""
    return []


@pytest.fixture
def get(sync_client: SyncClient, kept: list[str]) -> Iterator[Get]:
    """A program with one route, ``/ask?q=...&model=...&wire=...``, behind a real server."""
    app = Flask(__name__)

    @app.get("/ask")
    def ask() -> StreamingAnswer:
        answer = sync_client.stream(request.args["q"], model=request.args.get("model"))
        heartbeat_s = float(request.args.get("heartbeat_s", "5"))
        response = StreamingAnswer(answer, wire=request.args.get("wire"), heartbeat_s=heartbeat_s)
        response.call_on_close(lambda: kept.append(answer.answer.text) if response.status_code == 200 else None)
        return response

    assert ask
    server = make_server("127.0.0.1", 0, app, threaded=True)
    serving = threading.Thread(target=server.serve_forever, args=(0.01,))
    serving.start()
    connections: list[http.client.HTTPConnection] = []

    def get_one(path: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
        connections.append(connection)
        connection.request("GET", path.replace(" ", "%20"))
        return connection.getresponse()

    yield get_one
    for connection in connections:
        connection.close()
    server.shutdown()
    serving.join()
    server.server_close()


def contents(body: bytes) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in body.decode().splitlines() if line.startswith("data: {")]


def wait_for(condition: Callable[[], object]) -> None:
    """Wait for what other threads do."""
    pause = threading.Event()
    while not condition():
        pause.wait(0.01)


def test_a_route_answers_in_plain_sse(get: Get, kept: list[str]):
    response = get("/ask?q=echo: hello")
    objects = contents(response.read())

    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert response.headers["X-Accel-Buffering"] == "no"
    assert "no-transform" in response.headers["Cache-Control"]
    assert "".join(one.get("content", "") for one in objects) == "hello"
    assert objects[-1]["done"]
    wait_for(lambda: kept)
    assert kept == ["hello"]


@pytest.mark.parametrize("wire", ["ui-message-stream", "ndjson", "text", "json"])
def test_a_route_answers_in_any_wire(get: Get, wire: str):
    response = get(f"/ask?q=echo: hello&wire={wire}")

    assert response.status == 200
    assert "hello" in response.read().decode()


def test_the_text_comes_as_it_is_made(get: Get, distant_emulator: Emulator):
    response = get("/ask?q=long 500 words&model=slow")
    response.readline()

    assert distant_emulator.tally.open == 1


def test_the_call_is_closed_when_the_reader_goes(get: Get, distant_emulator: Emulator):
    response = get("/ask?q=long 500 words&model=slow")
    response.readline()
    response.close()

    wait_for(lambda: distant_emulator.tally.closed_early)


def test_the_call_is_closed_when_the_reader_of_a_silent_answer_goes(get: Get, distant_emulator: Emulator):
    response = get("/ask?q=Hello&model=silent&heartbeat_s=0.05")
    assert response.readline() == b": keep-alive\n"
    response.close()

    wait_for(lambda: distant_emulator.tally.closed_early)


def test_a_fault_before_the_answer_is_a_problem(get: Get):
    response = get("/ask?q=Hello&model=none-such")
    problem = json.loads(response.read())

    assert response.status == 400
    assert response.headers["Content-Type"].startswith("application/problem+json")
    assert problem["field"] == "model"


def test_an_unknown_wire_is_refused(get: Get):
    assert get("/ask?q=Hello&wire=pigeon").status == 406


def test_a_fault_in_the_answer_is_said_in_the_wire(get: Get):
    cut = contents(get("/ask?q=long 900 words&model=cut").read())

    assert any("content" in one for one in cut)
    assert (cut[-1]["code"], cut[-1].get("done")) == ("upstream_eof", None)


def test_a_whole_answer_that_failed_is_no_success(get: Get):
    assert get("/ask?q=long 900 words&model=cut&wire=json").status >= 500


def test_a_wire_without_words_breaks_the_connection(get: Get):
    response = get("/ask?q=long 900 words&model=cut&wire=text")

    with pytest.raises(http.client.IncompleteRead):
        response.read()
