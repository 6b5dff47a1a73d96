"""What no honest client sends is refused before any route sees it."""

from __future__ import annotations

import pytest

from support.running import Running, Start

BODY = b'{"title": "a"}'
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/models", "/nothing-here", "/openapi.json"])
async def test_every_answer_has_the_security_headers(server: Running, path: str):
    async with server.call("GET", path) as response:
        headers = response.headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'self'; img-src 'self' blob: data:; connect-src 'self'; script-src 'self'; "
        "style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Server" not in headers


async def test_streams_have_the_security_headers_once(server: Running):
    body = {"messages": [{"role": "user", "content": "count 2"}]}
    async with server.call("POST", "/api/chat", json=body) as response:
        assert len(response.headers.getall("Content-Security-Policy")) == 1


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "[::bad", ""])
async def test_an_unknown_host_is_refused(server: Running, host: str):
    """A name of somebody else that resolves to this machine (DNS rebinding)."""
    problem = await server.json("GET", "/api/models", headers={"Host": host}, status=421)
    assert problem["code"] == "unknown_host"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_probes_may_ask_by_any_name(server: Running, path: str):
    """Balancers ask by address, or name no host at all."""
    async with server.call("GET", path, headers={"Host": "10.0.0.7:8000"}) as response:
        assert response.status == 200


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000"])
async def test_loopback_names_are_known(server: Running, host: str):
    await server.json("GET", "/api/models", headers={"Host": host})


async def test_a_configured_host_is_known(start: Start):
    server = await start(allowed_hosts=("chat.example",))
    await server.json("GET", "/api/models", headers={"Host": "chat.example"})
    await server.json("GET", "/api/models", headers={"Host": "other.example"}, status=421)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[bad"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1"},
    ],
)
async def test_a_page_of_another_origin_changes_nothing(server: Running, headers: dict[str, str]):
    problem = await server.json("POST", "/api/conversations", data=BODY, headers=JSON | headers, status=403)
    assert problem["code"] == "cross_origin"
    assert (await server.json("GET", "/api/conversations"))["conversations"] == []


async def test_our_own_page_and_programs_may(server: Running):
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": server.url}, {}):
        await server.json("POST", "/api/conversations", data=BODY, headers=JSON | headers, status=201)


async def test_no_answer_invites_other_origins(server: Running):
    async with server.call("GET", "/api/models", headers={"Origin": "https://evil.example"}) as response:
        assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_only_json_is_read(server: Running, media_type: str):
    headers = {"Content-Type": media_type}
    problem = await server.json("POST", "/api/conversations", data=BODY, headers=headers, status=415)
    assert problem["code"] == "unsupported_media_type"


async def test_a_body_without_a_type_is_not_read(server: Running):
    headers = {"Content-Type": ""}
    await server.json("POST", "/api/conversations", data=BODY, headers=headers, status=415)
