"""A key passes as ``api-key`` or as a bearer, a token by its audience and expiry; the rest is a real 401."""

from __future__ import annotations

import base64
import json
import time

import pytest

from penstock.emulator.server import start_emulator
from support.raw_http import Ask

CLASSIC = "/openai/deployments/d/chat/completions?api-version=2024-10-21"
FOUNDRY = "https://ai.azure.com"
COGNITIVE = "https://cognitiveservices.azure.com"
V1 = "/openai/v1/chat/completions"


def token(audience: str, seconds_left: float = 600) -> dict[str, str]:
    claims = json.dumps({"aud": audience, "exp": time.time() + seconds_left}).encode()
    payload = base64.urlsafe_b64encode(claims).decode().rstrip("=")
    return {"Authorization": f"Bearer e30.{payload}.c2ln"}


@pytest.fixture
async def guarded():
    started = await start_emulator(profile="fast", api_key="secret", has_strict_audience=True)
    yield started.port
    await started.close()


@pytest.mark.parametrize("headers", [{"api-key": "secret"}, {"Authorization": "Bearer secret"}])
@pytest.mark.parametrize("path", [V1, CLASSIC])
async def test_the_key_passes_in_either_header(ask: Ask, guarded: int, path: str, headers: dict[str, str]):
    assert (await ask(port=guarded, path=path, headers=headers)).status == 200


@pytest.mark.parametrize("headers", [{}, {"api-key": "other"}, {"Authorization": "Bearer other"}])
async def test_a_wrong_key_is_told_so(ask: Ask, guarded: int, headers: dict[str, str]):
    wire = await ask(port=guarded, headers=headers)
    assert (wire.status, wire.json["error"]["code"]) == (401, "401")
    assert wire.json["error"]["message"].startswith("Access denied due to invalid subscription key")


async def test_models_are_guarded_too(get: Ask, guarded: int):
    assert (await get(guarded, "/openai/v1/models")).status == 401
    assert (await get(guarded, "/openai/v1/models", {"api-key": "secret"})).json["object"] == "list"


@pytest.mark.parametrize(("path", "audience"), [(V1, FOUNDRY), (CLASSIC, COGNITIVE), (CLASSIC, f"{COGNITIVE}/")])
async def test_a_strict_emulator_takes_the_audience_of_the_surface(ask: Ask, guarded: int, path: str, audience: str):
    assert (await ask(port=guarded, path=path, headers=token(audience))).status == 200


@pytest.mark.parametrize(("path", "audience"), [(V1, COGNITIVE), (CLASSIC, FOUNDRY)])
async def test_a_strict_emulator_refuses_the_other_audience(ask: Ask, guarded: int, path: str, audience: str):
    assert (await ask(port=guarded, path=path, headers=token(audience))).status == 401


@pytest.mark.parametrize("audience", [FOUNDRY, COGNITIVE])
async def test_otherwise_both_audiences_pass(ask: Ask, audience: str):
    assert (await ask(headers=token(audience))).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        token("https://example.org"),
        token("https://ai.azure.com", seconds_left=-1),
        {"Authorization": "Bearer a.b.c"},
        {"Authorization": "Bearer e30.e30.c2ln"},
    ],
)
async def test_a_bad_token_gets_the_flat_401(ask: Ask, headers: dict[str, str]):
    wire = await ask(headers=headers)
    assert (wire.status, wire.json["statusCode"]) == (401, 401)
    assert "error" not in wire.json


async def test_without_a_key_of_its_own_anybody_may_call(ask: Ask):
    assert (await ask()).status == 200
    assert (await ask(headers={"api-key": "anything"})).status == 200
