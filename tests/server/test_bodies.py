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
        ({"text": "hi", "images": ["file:///etc/passwd"]}, "images"),
        ({"text": "   "}, "text"),
        ({"text": "hi", "model": "nobody"}, "model"),
    ],
)
async def test_a_wrong_field_is_named(server: Running, body: Any, field: str | None):
    problem = await server.json("POST", "/api/conversations/c1/messages", json=body, status=400)
    assert problem["field"] == field


async def test_an_unknown_field_is_refused(server: Running):
    problem = await server.json("POST", "/api/conversations", json={"titel": "x"}, status=400)
    assert "titel" in problem["detail"]
