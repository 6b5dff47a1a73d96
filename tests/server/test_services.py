"""The services are found through the request."""

from __future__ import annotations

from starlette.requests import Request

from penstock.server.services import services_of
from support.running import Running


async def test_a_request_finds_the_services_of_its_server(server: Running):
    request = Request({"type": "http", "headers": [], "app": server.application.api})
    assert services_of(request) is server.application.services
