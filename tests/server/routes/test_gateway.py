"""The gateway over a real socket, as OpenAI's and Azure's API references have it."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from support.running import Running, until
from support.wire_readers import read_openai

CHAT = ("/v1/chat/completions", "/openai/v1/chat/completions", "/openai/deployments/fast/chat/completions")


def asked(text: str = "echo: Hello there", *, model: str = "fast", **fields: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], **fields}


@pytest.mark.parametrize("path", CHAT)
async def test_an_answer_is_one_document(server: Running, path: str):
    answer = await server.json("POST", path, json=asked())
    assert answer["object"] == "chat.completion"
    (choice,) = answer["choices"]
    assert choice["message"] == {"role": "assistant", "content": "Hello there", "refusal": None}
    assert choice["finish_reason"] == "stop"
    assert answer["usage"]["completion_tokens"] > 0
    assert ("prompt_filter_results" in answer) == path.startswith("/openai/")


@pytest.mark.parametrize("path", CHAT)
async def test_an_answer_is_streamed(server: Running, path: str):
    body = asked(stream=True, stream_options={"include_usage": True})
    async with server.call("POST", path, params={"api-version": "2024-10-21"}, json=body) as response:
        assert response.content_type == "text/event-stream"
        assert response.headers["x-request-id"] == response.headers["x-run-id"]
        answer = await response.read()
    read = read_openai(answer)
    assert (read.content, read.finish_reason, read.is_done) == ("Hello there", "stop", True)
    assert read.usage is not None
    assert (b"prompt_filter_results" in answer) == path.startswith("/openai/")


async def test_azure_s_extras_can_be_asked_for(server: Running):
    answer = await server.json("POST", "/v1/chat/completions?azure=1", json=asked())
    assert answer["prompt_filter_results"][0]["content_filter_results"]["hate"]["filtered"] is False


@pytest.mark.parametrize("path", ["/v1/completions", "/openai/v1/completions", "/openai/deployments/fast/completions"])
async def test_legacy_completions_answer_in_both_forms(server: Running, path: str):
    body = {"model": "fast", "prompt": "echo: Once"}
    answer = await server.json("POST", path, json=body)
    assert (answer["object"], answer["choices"][0]["text"]) == ("text_completion", "Once")
    async with server.call("POST", path, json=body | {"stream": True}) as response:
        chunks = (await response.read()).decode()
    assert '"text":"Once"' in chunks
    assert chunks.endswith("data: [DONE]\n\n")


@pytest.mark.parametrize("path", ["/v1/models", "/openai/v1/models", "/openai/models"])
async def test_models_are_listed_and_found(server: Running, path: str):
    listed = await server.json("GET", path)
    assert listed["object"] == "list"
    first = listed["data"][0]
    assert first == {"id": "fast", "object": "model", "created": 0, "owned_by": "azure_openai"}
    assert await server.json("GET", f"{path}/fast") == first
    missing = await server.json("GET", f"{path}/none/such", status=404)
    assert missing["error"]["code"] == "model_not_found"


@pytest.mark.parametrize(
    ("model", "status", "code"),
    [("none", 404, "model_not_found"), ("wrong-key", 401, "invalid_api_key"), ("cut", 502, "upstream_eof")],
)
async def test_a_refusal_has_openai_s_shape_and_status(server: Running, model: str, status: int, code: str):
    answer = await server.json("POST", "/v1/chat/completions", json=asked("long 900 words", model=model), status=status)
    assert answer["error"]["code"] == code
    assert set(answer["error"]) == {"message", "type", "param", "code"}


async def test_what_the_service_refuses_is_no_stream(server: Running):
    answer = await server.json("POST", "/v1/chat/completions", json=asked(model="wrong-key", stream=True), status=401)
    assert answer["error"]["type"] == "authentication_error"


async def test_a_limit_says_when_to_come_back(server: Running):
    body = asked(model="limited", stream=True)
    async with server.call("POST", "/v1/chat/completions", json=body) as response:
        assert response.status == 429
        assert response.headers["retry-after"] == "86400"
        assert (await response.json())["error"]["type"] == "rate_limit_error"


async def test_a_failure_in_mid_stream_is_an_error_and_no_end(server: Running):
    body = asked("long 900 words", model="cut", stream=True)
    async with server.call("POST", "/v1/chat/completions", json=body) as response:
        assert response.status == 200
        read = read_openai(await response.read())
    assert read.content
    assert read.error is not None
    assert (read.error["code"], read.finish_reason, read.is_done) == ("upstream_eof", None, False)


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [({"n": 2}, "n"), ({"temperature": 9}, "temperature"), ({"messages": []}, "messages")],
)
async def test_a_bad_request_names_the_field(server: Running, fields: dict[str, Any], at_fault: str):
    answer = await server.json("POST", "/v1/chat/completions", json=asked() | fields, status=400)
    assert answer["error"]["param"] == at_fault
    assert answer["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("call", "options", "refusal"),
    [
        (("POST", "/v1/embeddings"), {"json": {}}, (404, "unknown_url")),
        (("DELETE", "/openai/v1/models"), {}, (404, "unknown_url")),
        (("POST", CHAT[0]), {"data": b"{"}, (415, "unsupported_media_type")),
        (("POST", CHAT[0]), {"data": b"{", "headers": {"content-type": "application/json"}}, (400, "invalid_json")),
        (("POST", CHAT[0]), {"json": {}, "headers": {"origin": "https://else.example"}}, (403, "cross_origin")),
    ],
)
async def test_no_refusal_has_another_shape(
    server: Running, call: tuple[str, str], options: dict[str, Any], refusal: tuple[int, str]
):
    status, code = refusal
    answer = await server.json(*call, status=status, **options)
    assert answer["error"]["code"] == code


async def test_a_field_that_is_not_interpreted_reaches_the_service(server: Running):
    """The emulator's reasoning models refuse a bias, so that the refusal shows that it came."""
    answer = await server.json("POST", "/v1/chat/completions", json=asked(logit_bias={"1": 5}), status=400)
    assert answer["error"]["code"] == "unsupported_parameter"
    assert "logit_bias" in answer["error"]["message"]


async def test_a_system_prompt_alone_is_answered(server: Running):
    body = {"model": "fast", "messages": [{"role": "system", "content": "Say anything."}]}
    answer = await server.json("POST", "/v1/chat/completions", json=body)
    assert answer["choices"][0]["finish_reason"] == "stop"


async def test_keys_of_the_client_are_neither_needed_nor_passed_on(server: Running, caplog: pytest.LogCaptureFixture):
    """The emulator would refuse an expired token, were it ever passed on."""
    caplog.set_level(0)
    expired = "eyJhbGciOiJub25lIn0.eyJleHAiOjEsImF1ZCI6Imh0dHBzOi8vYWkuYXp1cmUuY29tIn0.x"
    for headers in ({"authorization": f"Bearer {expired}"}, {"api-key": "secret-key"}):
        await server.json("POST", "/v1/chat/completions", json=asked(), headers=headers)
    assert expired not in caplog.text
    assert "secret-key" not in caplog.text


async def test_nothing_is_kept_but_the_run(server: Running):
    async with server.call("POST", "/v1/chat/completions", json=asked()) as response:
        run = await server.json("GET", f"/api/runs/{response.headers['x-run-id']}")
    assert run["status"] == "finished"
    assert "conversation_id" not in run
    assert (await server.json("GET", "/api/conversations"))["conversations"] == []


async def test_closing_a_stream_stops_its_run(server: Running):
    body = asked("count 5000", model="slow", stream=True)
    async with server.call("POST", "/v1/chat/completions", json=body) as response:
        run_id = response.headers["x-run-id"]
        await response.content.readuntil(b"2")
        response.close()
    await _is_stopped(server, run_id)


@pytest.mark.parametrize(("model", "is_streaming"), [("mute", True), ("silent", True), ("silent", False)])
async def test_leaving_before_the_answer_began_stops_its_run(server: Running, model: str, is_streaming: bool):
    with pytest.raises(TimeoutError):
        async with server.call(
            "POST",
            "/v1/chat/completions",
            json=asked(model=model, stream=is_streaming),
            timeout=aiohttp.ClientTimeout(total=0.5),
        ) as response:
            await response.read()
    engine = server.application.services.engine
    await until(lambda: engine.live_count == 0)


async def test_leaving_while_another_follows_stops_nothing(server: Running):
    body = asked("count 60", model="slow", stream=True)
    async with server.call("POST", "/v1/chat/completions", json=body) as response:
        run_id = response.headers["x-run-id"]
        await response.content.readuntil(b"2")
        async with server.call("GET", f"/api/runs/{run_id}/events") as other:
            await other.content.readuntil(b"text-delta")
            response.close()
            events = (await other.read()).decode()
    assert '"type":"run-finished"' in events


async def _is_stopped(server: Running, run_id: str) -> None:
    events = await server.wait_for_end(run_id)
    last = json.loads(events.strip().rsplit("data: ", 1)[1])
    assert last["type"] == "run-stopped"
    assert last["by"] == "user"
    await until(lambda: not server.application.services.engine.live_count)
