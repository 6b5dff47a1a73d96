"""The composition root."""

from __future__ import annotations

from pathlib import Path

from penstock.composition.settings import Settings
from penstock.server.app import create_app, open_services
from support.running import Running


async def test_with_nothing_configured_the_emulator_answers_for_two_providers(tmp_path: Path):
    async with open_services(Settings(data_dir=tmp_path, emulator_profile="fast")) as services:
        infos = services.catalog.list()
        assert services.emulator_url is not None
        assert all(info.is_emulated for info in infos)
        assert len({info.provider for info in infos}) == 2


async def test_the_lifespan_opens_and_closes_everything(tmp_path: Path):
    """As another ASGI server would run it."""
    application = create_app(Settings(data_dir=tmp_path, emulator_profile="fast"))
    async with application.api.router.lifespan_context(application.api):
        assert application.services.engine.live_count == 0
    async with application.open():
        assert "Guards" in repr(application)


async def test_the_routes_are_described(server: Running):
    document = await server.json("GET", "/openapi.json")
    for path in ("/api/chat", "/api/runs/{run_id}/events", "/api/conversations/{conversation_id}/messages"):
        assert path in document["paths"]
