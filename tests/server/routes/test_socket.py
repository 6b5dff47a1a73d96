"""``/api/ws`` is there, beside the HTTP routes."""

from __future__ import annotations

import json

from support.running import Running


async def test_the_socket_speaks_where_the_sdk_looks_for_it(server: Running):
    async with server.session.ws_connect(server.url + "/api/ws") as socket:
        await socket.send_str(json.dumps({"type": "resume", "requestId": "r1", "id": "c1"}))
        assert json.loads(await socket.receive_str()) == {"type": "no-active", "requestId": "r1"}


async def test_a_plain_request_finds_nothing(server: Running):
    await server.json("GET", "/api/ws", status=404)
