"""The whole API inside a Flask program, under werkzeug's own server."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

from penstock.core.requests import ModelRequest
from penstock.emulator.server import Emulator
from penstock.integrations.wsgi import Api
from support.toolkit import settings_of

Call = Callable[..., http.client.HTTPResponse]


def shout(request: ModelRequest) -> Iterator[str]:
    """A pipeline of the program's own."""
    yield request.question.upper()


@pytest.fixture
def api(distant_emulator: Emulator, tmp_path: Path) -> Iterator[Api]:
    """The API, to be mounted."""
    api = Api(
        settings_of(distant_emulator, data_dir=tmp_path, heartbeat_s=0.2),
        pipelines={"shout": shout},
        owner=lambda connection: connection.headers.get("x-user", "nobody"),
    )
    yield api
    api.close()


@pytest.fixture
def call(api: Api) -> Iterator[Call]:
    """A Flask program with the API under ``/assistant`` behind a real server, and a client of it."""
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "the program's own page")
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/assistant": api})
    server = make_server("127.0.0.1", 0, app, threaded=True)
    serving = threading.Thread(target=server.serve_forever, args=(0.01,))
    serving.start()
    connections: list[http.client.HTTPConnection] = []

    def call_one(method: str, path: str, body: Any = None, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
        connections.append(connection)
        payload = None if body is None else json.dumps(body)
        wire_headers = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, payload, {"Content-Type": "application/json"} | wire_headers)
        return connection.getresponse()

    yield call_one
    for connection in connections:
        connection.close()
    server.shutdown()
    serving.join()
    server.server_close()


def question(text: str, model: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], "model": model, **more}


def wait_for(condition: Callable[[], object]) -> None:
    """Wait for what other threads do."""
    pause = threading.Event()
    while not condition():
        pause.wait(0.01)


def test_it_answers_beside_the_programs_own_routes(call: Call):
    assert call("GET", "/").read() == b"the program's own page"
    response = call("POST", "/assistant/api/chat?wire=text", question("echo: hello", "fast"))

    assert (response.status, response.read()) == (200, b"hello")
    assert response.headers["X-Run-Id"].startswith("run_")
    assert call("GET", "/assistant/api/none-such").status == 404
    assert call("POST", "/assistant/api/chat", {"messages": 7}).status == 400


def test_a_pipeline_is_a_model_of_it_with_a_log_that_can_be_read_again(call: Call):
    response = call("POST", "/assistant/api/chat?wire=events", question("hello", "shout"))
    log = response.read()
    again = call("GET", f"/assistant/api/runs/{response.headers['X-Run-Id']}/events").read()

    assert b"HELLO" in log
    assert b"run-finished" in log
    assert log.replace(b": keep-alive\n\n", b"") == again.replace(b": keep-alive\n\n", b"")


def test_the_text_comes_as_it_is_made_and_a_run_outlives_its_reader_until_it_is_stopped(
    call: Call, distant_emulator: Emulator
):
    response = call("POST", "/assistant/api/chat", question("long 900 words", "slow"))
    response.readline()
    assert distant_emulator.tally.open == 1
    response.close()
    run = f"/assistant/api/runs/{response.headers['X-Run-Id']}"

    assert json.loads(call("GET", run).read())["status"] == "running"
    receipt = json.loads(call("POST", f"{run}/stop", {}).read())
    assert (receipt["status"], receipt["upstream_closed"]) == ("stopped", True)
    wait_for(lambda: distant_emulator.tally.closed_early)


def test_everything_belongs_to_whom_the_program_names(call: Call):
    body = question("echo: hello", "fast", conversation_id="c1")
    call("POST", "/assistant/api/chat", body, X_User="ann").read()

    assert call("GET", "/assistant/api/conversations/c1", X_User="ann").status == 200
    assert call("GET", "/assistant/api/conversations/c1", X_User="bob").status == 404


def test_a_wire_without_words_breaks_the_connection(call: Call):
    response = call("POST", "/assistant/api/chat?wire=text", question("long 900 words", "cut"))

    with pytest.raises(http.client.IncompleteRead):
        response.read()


def test_readers_of_silent_answers_that_go_leave_nothing_behind(call: Call, api: Api, distant_emulator: Emulator):
    response = call("POST", "/assistant/api/chat", question("Hello", "silent"))
    assert response.readline() == b": keep-alive\n"
    response.close()

    wait_for(lambda: "answers=0" in repr(api))
    assert distant_emulator.tally.open == 1  # the run goes on: a reader who goes is no stop


def test_it_closes_and_opens_again(call: Call, api: Api):
    call("POST", "/assistant/api/chat", question("echo: one", "fast", conversation_id="c1")).read()
    api.close()
    api.close()

    assert call("GET", "/assistant/api/conversations/c1").status == 200
