"""Health, readiness and metrics."""

from __future__ import annotations

import pytest

from penstock.core.errors import StoreError
from support.running import Running


async def test_the_loop_lives_and_the_server_is_ready(server: Running):
    assert await server.json("GET", "/healthz") == {"status": "ok"}
    assert await server.json("GET", "/readyz") == {"status": "ready"}


async def test_a_database_that_cannot_be_written_is_not_ready(server: Running, monkeypatch: pytest.MonkeyPatch):
    async def fail() -> None:
        message = "The disk is full."
        raise StoreError(message)

    monkeypatch.setattr(server.application.services.store, "check", fail)
    assert (await server.json("GET", "/readyz", status=503))["detail"] == "The disk is full."
