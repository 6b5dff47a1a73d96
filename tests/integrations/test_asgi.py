"""Penstock inside other people's FastAPI and Starlette programs, served as anybody serves them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from fastapi import FastAPI, Request, Response
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.routing import Route

from integrations.conftest import Serve
from penstock.core.requests import ModelRequest
from penstock.emulator.server import Emulator
from penstock.integrations.asgi import Api, StreamingAnswer
from penstock.toolkit.answer_stream import MisuseError
from penstock.toolkit.client import Client
from penstock.toolkit.stages import Stage
from support.running import until
from support.toolkit import settings_of


def asking(client: Client, **options: Any) -> Starlette:
    """A program with one route: ``/ask?q=...&model=...``."""

    async def ask(request: Request) -> Response:
        query = request.query_params
        return StreamingAnswer(client.stream(query["q"], model=query.get("model")), **options)

    return Starlette(routes=[Route("/ask", ask)])


def contents(body: str) -> list[dict[str, Any]]:
    """The objects of the ``sse`` wire."""
    return [json.loads(line[6:]) for line in body.splitlines() if line.startswith("data: {")]


# --- one answer from a route ------------------------------------------------------------------------------------------


async def test_a_route_answers_in_plain_sse(serve: Serve, session: aiohttp.ClientSession, client: Client):
    url = await serve(asking(client))

    async with session.get(f"{url}/ask?q=echo: hello") as response:
        objects = contents(await response.text())

    assert response.status == 200
    assert response.headers["X-Accel-Buffering"] == "no"
    assert "no-transform" in response.headers["Cache-Control"]
    assert response.headers["X-Run-Id"].startswith("run_")
    assert "".join(one.get("content", "") for one in objects) == "hello"
    assert (objects[-1]["done"], objects[-1]["finish_reason"]) == (True, "stop")


@pytest.mark.parametrize("wire", ["ui-message-stream", "ndjson", "events", "data-stream"])
async def test_a_route_answers_in_any_wire(serve: Serve, session: aiohttp.ClientSession, client: Client, wire: str):
    url = await serve(asking(client, wire=wire))

    async with session.get(f"{url}/ask?q=echo: hello") as response:
        assert "hello" in await response.text()


async def test_the_client_chooses_where_the_route_leaves_it(
    serve: Serve, session: aiohttp.ClientSession, client: Client
):
    url = await serve(asking(client, wire=None))

    async with session.get(f"{url}/ask?q=echo: hello", headers={"Accept": "application/json"}) as response:
        assert (await response.json())["message"]["content"] == "hello"
    async with session.get(f"{url}/ask?q=echo: hello&wire=text") as response:
        assert await response.text() == "hello"
    async with session.get(f"{url}/ask?q=echo: hello&wire=pigeon") as response:
        assert response.status == 406


async def test_the_call_is_closed_when_the_reader_goes(
    serve: Serve, session: aiohttp.ClientSession, client: Client, emulator: Emulator
):
    url = await serve(asking(client))

    for count, model in enumerate(("slow", "silent"), start=1):
        async with session.get(f"{url}/ask?q=long 500 words&model={model}") as response:
            assert response.status == 200
            await emulator.tally.until(lambda: emulator.tally.open)
            response.close()
        await emulator.tally.until(lambda count=count: emulator.tally.closed_early == count)


async def test_the_call_is_closed_when_the_reader_of_a_whole_answer_goes(
    serve: Serve, session: aiohttp.ClientSession, client: Client, emulator: Emulator
):
    url = await serve(asking(client, wire="json"))
    asked = asyncio.ensure_future(session.get(f"{url}/ask?q=Hello&model=silent"))
    await emulator.tally.until(lambda: emulator.tally.open)
    asked.cancel()

    await emulator.tally.until(lambda: emulator.tally.closed_early)


async def test_a_fault_before_the_answer_is_a_problem(serve: Serve, session: aiohttp.ClientSession, client: Client):
    url = await serve(asking(client))

    async with session.get(f"{url}/ask?q=Hello&model=none-such") as response:
        problem = await response.json(content_type="application/problem+json")

    assert response.status == 400
    assert (problem["code"], problem["field"]) == ("unknown_model", "model")


async def test_a_fault_in_the_answer_is_said_in_the_wire(serve: Serve, session: aiohttp.ClientSession, client: Client):
    url = await serve(asking(client))

    async with session.get(f"{url}/ask?q=Hello&model=wrong-key") as response:
        refused = contents(await response.text())[-1]
    async with session.get(f"{url}/ask?q=long 900 words&model=cut") as response:
        cut = contents(await response.text())

    assert refused["error"]
    assert "done" not in refused
    assert any("content" in one for one in cut)
    assert (cut[-1]["code"], cut[-1].get("done")) == ("upstream_eof", None)


async def test_a_whole_answer_that_failed_is_no_success(serve: Serve, session: aiohttp.ClientSession, client: Client):
    url = await serve(asking(client, wire="json"))

    async with session.get(f"{url}/ask?q=long 900 words&model=cut") as response:
        assert response.status >= 500


async def test_a_wire_without_words_breaks_the_connection(serve: Serve, session: aiohttp.ClientSession, client: Client):
    url = await serve(asking(client, wire="text"))

    async with session.get(f"{url}/ask?q=long 900 words&model=cut") as response:
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.text()


async def test_silence_is_filled_with_heartbeats(serve: Serve, session: aiohttp.ClientSession, client: Client):
    url = await serve(asking(client, heartbeat_s=0.1))

    async with session.get(f"{url}/ask?q=Hello&model=silent") as response:
        assert await response.content.readline() == b": keep-alive\n"
        response.close()


async def test_what_was_made_can_be_kept_afterwards(serve: Serve, session: aiohttp.ClientSession, client: Client):
    kept: list[str] = []

    async def ask(_request: Request) -> Response:
        answer = client.stream("echo: hello")
        return StreamingAnswer(answer, background=BackgroundTask(lambda: kept.append(answer.answer.text)))

    url = await serve(Starlette(routes=[Route("/ask", ask)]))
    async with session.get(f"{url}/ask") as response:
        await response.read()

    await until(lambda: bool(kept))
    assert kept == ["hello"]


# --- the whole API, mounted -------------------------------------------------------------------------------------------


async def handbook(request: ModelRequest) -> AsyncIterator[Any]:
    """A pipeline of the program's own."""
    searching = Stage("searching")
    yield searching.started()
    yield searching.finished("1 passage")
    yield f"The handbook on {request.question}."


def mounted(emulator: Emulator, folder: Path, **options: Any) -> FastAPI:
    """A program with the API under ``/assistant``, and a route of its own that answers with a run."""
    api = Api(settings_of(emulator, data_dir=folder), pipelines={"handbook": handbook}, **options)
    app = FastAPI(lifespan=api.lifespan)

    async def ask(request: Request) -> Response:
        return await api.respond(request, request.query_params["q"], model=request.query_params.get("model"))

    app.add_route("/ask", ask)
    app.mount("/assistant", api)
    return app


async def test_the_whole_api_works_under_a_path(
    serve: Serve, session: aiohttp.ClientSession, emulator: Emulator, tmp_path: Path
):
    url = await serve(mounted(emulator, tmp_path)) + "/assistant"

    async with session.get(f"{url}/api/models") as response:
        assert [model["id"] for model in (await response.json())["models"]][:2] == ["handbook", "fast"]
    body = {"messages": [{"role": "user", "content": "echo: hello"}], "model": "fast", "conversation_id": "c1"}
    async with session.post(f"{url}/api/chat", json=body) as response:
        assert contents(await response.text())[-1]["done"]
    async with session.get(f"{url}/api/conversations/c1") as response:
        assert "hello" in await response.text()
    body.pop("conversation_id")
    async with session.post(f"{url}/v1/chat/completions", json=body) as response:
        assert '"content":"hello"' in await response.text()


async def test_a_pipeline_is_a_model_of_it_with_a_log_that_can_be_read_again(
    serve: Serve, session: aiohttp.ClientSession, emulator: Emulator, tmp_path: Path
):
    url = await serve(mounted(emulator, tmp_path)) + "/assistant"
    body = {"messages": [{"role": "user", "content": "holidays"}], "model": "handbook"}

    async with session.post(f"{url}/api/chat", json=body) as response:
        objects = contents(await response.text())
    async with session.get(f"{url}/api/runs/{response.headers['X-Run-Id']}/events?wire=sse") as again:
        assert contents(await again.text()) == objects

    assert [one["progress"]["stage"] for one in objects if "progress" in one] == ["searching", "searching"]
    assert "".join(one.get("content", "") for one in objects) == "The handbook on holidays."
    assert objects[-1]["finish_reason"] == "stop"


async def test_a_run_from_a_route_of_one_s_own_outlives_its_reader_and_is_stopped_by_the_api(
    serve: Serve, session: aiohttp.ClientSession, emulator: Emulator, tmp_path: Path
):
    url = await serve(mounted(emulator, tmp_path))

    async with session.get(f"{url}/ask?q=long 900 words&model=slow") as response:
        run_id = response.headers["X-Run-Id"]
        await emulator.tally.until(lambda: emulator.tally.open)
        response.close()
    async with session.get(f"{url}/assistant/api/runs/{run_id}") as response:
        assert (await response.json())["status"] == "running"
    async with session.post(f"{url}/assistant/api/runs/{run_id}/stop", json={}) as response:
        assert (await response.json())["upstream_closed"] is True
    assert emulator.tally.closed_early == 1


async def test_a_fault_of_a_route_s_request_is_a_problem(
    serve: Serve, session: aiohttp.ClientSession, emulator: Emulator, tmp_path: Path
):
    url = await serve(mounted(emulator, tmp_path))

    async with session.get(f"{url}/ask?q=Hello&model=none-such") as response:
        assert response.status == 400


async def test_everything_belongs_to_whom_the_program_names(
    serve: Serve, session: aiohttp.ClientSession, emulator: Emulator, tmp_path: Path
):
    app = mounted(emulator, tmp_path, owner=lambda connection: connection.headers.get("x-user", "nobody"))
    url = await serve(app) + "/assistant"
    body = {"messages": [{"role": "user", "content": "echo: hello"}], "model": "fast", "conversation_id": "c1"}

    async with session.post(f"{url}/api/chat", json=body, headers={"X-User": "ann"}) as response:
        await response.read()
    for user, status in (("ann", 200), ("bob", 404)):
        async with session.get(f"{url}/api/conversations/c1", headers={"X-User": user}) as response:
            assert response.status == status


async def test_pages_of_other_origins_may_ask_only_when_they_are_named(
    serve: Serve, session: aiohttp.ClientSession, emulator: Emulator, tmp_path: Path
):
    url = await serve(mounted(emulator, tmp_path, allowed_origins=["http://localhost:3000"])) + "/assistant"
    body = {"messages": [{"role": "user", "content": "echo: hello"}], "model": "fast"}

    for origin, status in (("http://localhost:3000", 200), ("http://evil.example", 403)):
        headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
        async with session.post(f"{url}/api/chat", json=body, headers=headers) as response:
            await response.read()
            assert response.status == status


async def test_it_can_be_the_whole_program(
    serve: Serve, session: aiohttp.ClientSession, emulator: Emulator, tmp_path: Path
):
    url = await serve(Api(settings_of(emulator, data_dir=tmp_path)))

    async with session.get(f"{url}/readyz") as response:
        assert response.status == 200


async def test_what_was_mounted_and_not_opened_says_what_to_do(tmp_path: Path, emulator: Emulator):
    api = Api(settings_of(emulator, data_dir=tmp_path))
    scope = {"type": "http", "path": "/", "headers": [], "method": "GET"}

    with pytest.raises(MisuseError, match="lifespan"):
        await api(scope, None, None)  # pyright: ignore[reportArgumentType] - it is refused before
