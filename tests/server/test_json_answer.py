"""JSON answers."""

from __future__ import annotations

from penstock.core.usage import Cost
from penstock.server.json_answer import answer_json


def test_structs_are_written_without_their_defaults_and_never_cached():
    response = answer_json({"cost": Cost(usd=1.5)}, status=201)
    assert response.body == b'{"cost":{"usd":1.5}}'
    assert response.status_code == 201
    assert response.headers["Cache-Control"] == "no-store"
