"""``POST /api/chat`` and its neighbours, over real sockets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from penstock.composition.dialects import DIALECTS
from penstock.wire.dialect import Dialect
from support.running import Running

BODY = {"messages": [{"role": "user", "content": "count 5"}], "model": "fast"}
LINES = "application/x-ndjson"
ANSWER = "⟨1⟩⟨2⟩⟨3⟩⟨4⟩⟨5⟩"


def frames(text: str) -> list[str]:
    return [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]


async def test_the_default_wire_is_sse(server: Running):
    async with server.call("POST", "/api/chat", json=BODY) as response:
        text = await response.text()
    assert response.status == 200
    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert response.headers["Cache-Control"] == "no-cache, no-transform"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert response.headers["X-Run-Id"].startswith("run_")
    assert "X-Conversation-Id" not in response.headers
    content = "".join(json.loads(frame).get("content", "") for frame in frames(text)[:-1])
    assert content == ANSWER
    assert frames(text)[-1] == "[DONE]"


@pytest.mark.parametrize("path", ["/api/chat", "/api/chat/stream", "/chat/stream", "/api/as/sse/chat/stream"])
async def test_every_alias_streams_sse(server: Running, path: str):
    async with server.call("POST", path, json=BODY) as response:
        assert "data: [DONE]" in await response.text()


async def test_the_alias_chat_answers_whole(server: Running):
    body = await server.json("POST", "/chat", json=BODY)
    assert body["message"] == {"role": "assistant", "content": ANSWER}
    assert body["usage"]["completion_tokens"] == 5


async def test_the_wire_is_chosen_by_query_then_accept(server: Running):
    async with server.call("POST", "/api/chat?wire=text", json=BODY) as response:
        assert await response.text() == ANSWER
    headers = {"Accept": "application/json"}
    body = await server.json("POST", "/api/chat", json=BODY, headers=headers)
    assert body["message"]["content"] == ANSWER


async def test_the_wire_is_chosen_by_the_shape_of_the_body(server: Running):
    parts = [{"type": "text", "text": "count 5"}]
    body = {"id": "c1", "trigger": "submit-message", "messages": [{"id": "m1", "role": "user", "parts": parts}]}
    async with server.call("POST", "/api/chat", json=body) as response:
        text = await response.text()
    assert response.headers["x-vercel-ai-ui-message-stream"] == "v1"
    assert response.headers["X-Conversation-Id"] == "c1"
    assert frames(text)[-1] == "[DONE]"


async def test_the_wire_of_the_path_wins(server: Running):
    async with server.call("POST", "/api/as/text/chat", json=BODY) as response:
        assert await response.text() == ANSWER
    async with server.call("POST", "/api/as/text/chat/stream?wire=json", json=BODY) as response:
        assert await response.text() == ANSWER


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/chat?wire=morse", {}),
        ("/api/as/morse/chat", {}),
        ("/api/as/morse/chat/stream", {}),
        ("/chat", {"Accept": "image/png"}),
        ("/chat/stream", {"Accept": "image/png"}),
    ],
)
async def test_an_unknown_wire_is_406_and_names_those_there_are(server: Running, path: str, headers: dict[str, str]):
    problem = await server.json("POST", path, json=BODY, headers=headers, status=406)
    assert problem["code"] == "not_acceptable"
    assert all(dialect.name in problem["detail"] for dialect in DIALECTS)


@pytest.mark.parametrize(
    ("path", "accept", "extra", "expected"),
    [
        ("/chat", "*/*", {"session_state": None}, "context"),
        ("/chat", "*/*", {"sessionState": "s"}, "sessionState"),
        ("/chat", "application/x-ndjson", {}, LINES),
        ("/chat/stream", "*/*", {"session_state": None}, LINES),
        ("/chat/stream", "application/x-ndjson", {}, LINES),
        ("/chat/stream", "application/json-lines", {}, LINES),
        ("/api/chat", "*/*", {"session_state": None, "stream": False}, "session_state"),
        ("/api/chat", "application/json", {"sessionState": 1}, "sessionState"),
        ("/api/as/ndjson/chat", "application/json", {}, "message"),
        ("/api/as/ndjson/chat/stream", "application/json", {}, LINES),
        ("/api/as/ndjson/chat", "application/x-ndjson", {}, LINES),
        ("/api/as/choices/chat", "*/*", {}, LINES),
        ("/api/as/responses/chat/stream", "*/*", {}, LINES),
    ],
)
async def test_microsoft_s_clients_mean_the_whole_answer_where_they_do_not_say_stream(
    server: Running, path: str, accept: str, extra: dict[str, Any], *, expected: str
):
    async with server.call("POST", path, json=BODY | extra, headers={"Accept": accept}) as response:
        text = await response.text()
    assert response.status == 200
    if expected == LINES:
        assert response.headers["Content-Type"] == LINES
    else:
        assert response.headers["Content-Type"] == "application/json"
        assert json.loads(text)["message"]["content"] == ANSWER
        assert expected in json.loads(text)


ITEMS = {"input": [{"role": "user", "content": [{"type": "input_text", "text": "count 5"}]}], "model": "fast"}


async def test_the_quickstart_s_page_gets_responses_as_lines(server: Running):
    async with server.call("POST", "/chat/stream", json=ITEMS) as response:
        events = [json.loads(line) for line in (await response.text()).splitlines()]
    assert response.headers["Content-Type"] == LINES
    assert "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta") == ANSWER
    assert (events[0]["type"], events[-1]["type"]) == ("response.created", "response.completed")


async def test_responses_come_as_server_sent_events_when_asked(server: Running):
    async with server.call("POST", "/api/chat", json=ITEMS, headers={"Accept": "text/event-stream"}) as response:
        text = await response.text()
    assert response.headers["Content-Type"] == "text/event-stream"
    assert "event: response.completed" in text
    assert frames(text)[-1] == "[DONE]"


async def test_a_bare_path_gives_the_whole_response(server: Running):
    document = await server.json("POST", "/chat", json=ITEMS | {"context": {"overrides": {}}})
    assert document["output_text"] == ANSWER
    assert document["context"] == {"data_points": {}, "thoughts": []}


async def test_the_body_with_one_message_and_a_system_prompt_is_answered(server: Running):
    body = {"message": "count 5", "systemPrompt": "Be brief.", "model": "fast"}
    async with server.call("POST", "/api/chat/stream", json=body) as response:
        contents = [json.loads(frame).get("content", "") for frame in frames(await response.text())[:-1]]
    assert "".join(contents) == ANSWER


async def test_a_stream_that_fails_ends_in_the_words_of_its_wire(server: Running):
    async with server.call("POST", "/api/chat", json=BODY | {"model": "wrong-key"}) as response:
        text = await response.text()
    assert response.status == 200
    assert '"error"' in text
    assert "authentication" in text


async def test_a_failed_whole_answer_is_no_200(server: Running):
    problem = await server.json("POST", "/api/chat?wire=json", json=BODY | {"model": "wrong-key"}, status=502)
    assert problem["code"] == "authentication"


async def test_a_text_answer_that_is_cut_upstream_breaks_the_connection(server: Running):
    """Raw text has no words for a failure: only a missing end of the chunked body can say it."""
    import aiohttp  # noqa: PLC0415 - the exception's name is the point

    body = BODY | {"model": "cut", "messages": [{"role": "user", "content": "count 100"}]}
    with pytest.raises(aiohttp.ClientPayloadError):
        async with server.call("POST", "/api/chat?wire=text", json=body) as response:
            await response.read()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, None),
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": [{"role": "user", "content": "hi"}], "model": "nobody"}, "model"),
        ({"messages": [{"role": "user", "content": "hi"}], "temperature": "hot"}, "temperature"),
        ({"messages": [{"role": "user", "content": "hi"}], "conversation_id": "../etc"}, "conversation_id"),
    ],
)
async def test_bad_input_is_400_and_names_the_field(server: Running, body: Any, field: str | None):
    problem = await server.json("POST", "/api/chat", json=body, status=400)
    assert problem["status"] == 400
    if field is not None:
        assert problem["field"].startswith(field)


async def test_an_idempotency_key_submits_once(server: Running):
    headers = {"Idempotency-Key": "key-1"}
    body = BODY | {"conversation_id": "c1"}
    runs = set()
    for _ in range(3):
        async with server.call("POST", "/api/chat", json=body, headers=headers) as response:
            runs.add(response.headers["X-Run-Id"])
            await response.read()
    assert len(runs) == 1
    opened = await server.json("GET", "/api/conversations/c1")
    assert [message["role"] for message in opened["messages"]] == ["user", "assistant"]


@pytest.mark.parametrize(
    ("extra", "wire", "first"),
    [
        ({}, "choices", '{"index":0,"delta":{"role":"assistant"'),
        ({"sessionState": "s-1"}, None, '{"delta":{"role":"assistant"},"sessionState":"s-1"}'),
        ({"session_state": None}, None, '{"delta":{"role":"assistant"},"context":{"data_points"'),
    ],
    ids=["choices", "ndjson", "demo"],
)
async def test_microsoft_s_clients_get_lines(server: Running, extra: dict[str, Any], wire: str | None, first: str):
    path = "/api/chat/stream" if wire is None else f"/api/as/{wire}/chat/stream"
    async with server.call("POST", path, json=BODY | extra) as response:
        text = await response.text()
    assert response.headers["Content-Type"] == "application/x-ndjson"
    assert text.startswith(first)
    assert text.endswith("}\n")
    deltas = [json.loads(line)["delta"] for line in text.splitlines()]
    assert "".join(delta.get("content", "") for delta in deltas) == ANSWER


async def test_a_page_of_the_ai_sdk_4_gets_the_data_stream(server: Running):
    message = {"role": "user", "content": "count 5", "parts": [{"type": "text", "text": "count 5"}]}
    async with server.call("POST", "/api/chat", json={"id": "c1", "messages": [message], "model": "fast"}) as response:
        text = await response.text()
    assert response.headers["x-vercel-ai-data-stream"] == "v1"
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "".join(json.loads(line[2:]) for line in text.splitlines() if line.startswith("0:")) == ANSWER
    assert text.splitlines()[-1].startswith('d:{"finishReason":"stop"')


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: f"{dialect.name} {dialect.media_type}")
async def test_every_answer_says_whose_it_is_and_that_nothing_may_hold_it_back(server: Running, dialect: Dialect):
    path = f"/api/as/{dialect.name}/chat/stream"
    headers = {"Accept": dialect.media_type}
    async with server.call("POST", path, json=BODY | {"conversation_id": "c1"}, headers=headers) as response:
        await response.read()
    assert (response.status, response.headers["Content-Type"]) == (200, dialect.media_type)
    assert response.headers["X-Run-Id"].startswith("run_")
    assert response.headers["X-Conversation-Id"] == "c1"
    if dialect.is_whole:
        assert response.headers["Cache-Control"] == "no-store"
    else:
        assert response.headers["Cache-Control"] == "no-cache, no-transform"
        assert response.headers["X-Accel-Buffering"] == "no"
    assert dict(dialect.headers).items() <= response.headers.items()


async def test_resume_is_204_when_nothing_runs(server: Running):
    async with server.call("GET", "/api/chat/c1/stream") as response:
        assert response.status == 204


async def test_resume_replays_the_live_answer_from_its_start(server: Running):
    accepted = await server.send("c1", "count 60", model="slow")
    async with server.call("GET", "/api/chat/c1/stream") as response:
        text = await response.text()
    assert response.headers["x-vercel-ai-ui-message-stream"] == "v1"
    chunks = [json.loads(frame) for frame in frames(text)[:-1]]
    assert chunks[0]["messageId"] == accepted["message_id"]
    deltas = "".join(chunk["delta"] for chunk in chunks if chunk["type"] == "text-delta")
    assert deltas == "".join(f"⟨{number}⟩" for number in range(1, 61))


async def test_stop_by_conversation_gives_the_receipt(server: Running):
    await server.send("c1", "count 1000", model="slow")
    receipt = await server.json("POST", "/api/chat/c1/stop")
    assert receipt["status"] == "stopped"
    assert receipt["upstream_closed"] is True
    problem = await server.json("POST", "/api/chat/c1/stop", status=404)
    assert problem["code"] == "no_active_run"
