"""Request bodies: limited, JSON, and every fault names its field."""

from __future__ import annotations

from typing import Any

import pytest

from support.running import Running, Start

JSON = {"Content-Type": "application/json"}


async def chunks(count: int):
    for _ in range(count):
        yield b" " * 1024


async def test_a_body_over_the_limit_is_413_by_its_length(start: Start):
    server = await start(body_limit_bytes=4096)
    problem = await server.json("POST", "/api/chat", data=b" " * 5000, headers=JSON, status=413)
    assert problem["code"] == "too_large"


async def test_a_body_over_the_limit_is_413_while_it_comes(start: Start):
    server = await start(body_limit_bytes=4096)
    problem = await server.json("POST", "/api/chat", data=chunks(10), headers=JSON, status=413)
    assert problem["code"] == "too_large"


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'"x"', b"null", b"\xff", b'{"a": NaN}', b"[" * 100_000, b'{"text": "\\ud800"}', b"\x00"]
)
async def test_what_is_no_json_object_is_400(server: Running, body: Any):
    problem = await server.json("POST", "/api/chat", data=body, headers=JSON, status=400)
    assert problem["code"] in {"invalid_json", "invalid_request"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": 5}, "text"),
        ({"text": "hi", "options": {"temperature": "hot"}}, "options.temperature"),
        ({"text": "hi", "images": ["https://x/y.png", 5]}, "images.1"),
        ({"text": "hi", "images": ["file:///etc/passwd"]}, "images.0"),
        ({"text": "hi", "images": ["https://"]}, "images.0"),
        ({"text": "a\0b"}, "text"),
        ({"text": "a", "system_prompt": "a\0b"}, "system_prompt"),
        ({"text": "hi", "options": {"temperature": 1e308}}, "options.temperature"),
        ({"text": "hi", "options": {"top_p": -1}}, "options.top_p"),
        ({"text": "hi", "options": {"max_output_tokens": 0}}, "options.max_output_tokens"),
        ({"text": "hi", "options": {"stop": [""]}}, "options.stop.0"),
        ({"text": "hi", "options": {"temprature": 1}}, "options.temprature"),
        ({"text": "hi", "model": ""}, "model"),
        ({"text": "   "}, "text"),
        ({"text": "hi", "model": "nobody"}, "model"),
    ],
)
async def test_a_wrong_field_is_named(server: Running, body: Any, field: str | None):
    problem = await server.json("POST", "/api/conversations/c1/messages", json=body, status=400)
    assert problem["field"] == field


async def test_an_unknown_field_is_refused(server: Running):
    problem = await server.json("POST", "/api/conversations", json={"titel": "x"}, status=400)
    assert problem["field"] == "titel"


@pytest.mark.parametrize("field", ["title", "system_prompt"])
async def test_text_that_not_every_store_can_take_is_refused(server: Running, field: str):
    created = await server.json("POST", "/api/conversations", json={field: "a\0b"}, status=400)
    await server.json("POST", "/api/conversations", json={"id": "c1"}, status=201)
    changed = await server.json("PATCH", "/api/conversations/c1", json={field: "a\0b", "version": 1}, status=400)
    assert (created["field"], changed["field"]) == (field, field)


@pytest.mark.parametrize("path", ["/api/chat", "/api/conversations/c1/messages"])
@pytest.mark.parametrize("key", ["", "x" * 129, "\u00e9"])
async def test_a_wrong_idempotency_key_is_named(server: Running, path: str, key: str):
    body = {"text": "hi"} if path.endswith("messages") else {"messages": [{"role": "user", "content": "hi"}]}
    problem = await server.json("POST", path, json=body, headers={"Idempotency-Key": key}, status=400)
    assert problem["field"] == "Idempotency-Key"
