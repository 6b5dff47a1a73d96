"""JSON answers."""

from __future__ import annotations

from starlette.requests import Request

from penstock.core.usage import Cost
from penstock.server.json_answer import answer_if_changed, answer_json


def test_structs_are_written_without_their_defaults_and_never_cached():
    response = answer_json({"cost": Cost(usd=1.5)}, status=201)
    assert response.body == b'{"cost":{"usd":1.5}}'
    assert response.status_code == 201
    assert response.headers["Cache-Control"] == "no-store"


def _request(tag: str) -> Request:
    return Request({"type": "http", "headers": [(b"if-none-match", tag.encode())]})


def test_an_answer_that_the_client_has_is_not_sent_again():
    first = answer_if_changed(_request(""), {"a": 1})
    tag = first.headers["ETag"]
    assert first.status_code == 200
    assert answer_if_changed(_request(tag), {"a": 1}).status_code == 304
    assert answer_if_changed(_request(f'"x", W/{tag}'), {"a": 1}).status_code == 304
    assert answer_if_changed(_request(tag), {"a": 2}).status_code == 200
