"""Azure's routes, headers, and the order in which it refuses."""

from __future__ import annotations

from support.raw_http import Ask


async def test_the_classic_api_needs_a_version_and_v1_takes_no_dated_one(ask: Ask):
    classic = await ask(path="/openai/deployments/d/chat/completions")
    v1 = await ask(path="/openai/v1/chat/completions?api-version=2024-10-21")
    assert (classic.status, v1.status) == (404, 400)
    assert (await ask(path="/openai/v1/chat/completions?api-version=preview")).status == 200


async def test_an_unknown_path_is_a_404_in_json(ask: Ask):
    wire = await ask(path="/openai/v1/nowhere")
    assert (wire.status, wire.json["error"]["code"]) == (404, "404")


async def test_a_good_answer_carries_the_services_headers(ask: Ask):
    headers = (await ask(model="my-chat", headers={"x-ms-client-request-id": "mine"})).headers
    assert headers["x-ms-deployment-name"] == "my-chat"
    assert headers["x-ms-client-request-id"] == "mine"
    assert headers["x-ms-region"] == "East US 2"
    assert headers["apim-request-id"]
    kinds = ("limit", "remaining", "reset")
    assert all(headers[f"x-ratelimit-{kind}-{what}"].isdigit() for kind in kinds for what in ("requests", "tokens"))


async def test_credentials_are_looked_at_before_the_body(ask: Ask):
    wire = await ask(headers={"Authorization": "Bearer a.b.c"}, messages=None)
    assert wire.status == 401


async def test_a_fault_is_shown_whatever_the_parameters(ask: Ask):
    assert (await ask(model="fault-404", max_tokens=1)).status == 404
