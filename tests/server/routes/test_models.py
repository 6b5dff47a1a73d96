"""``GET /api/models``."""

from __future__ import annotations

from support.running import Running


async def test_the_picker_shows_every_model_the_default_first(server: Running):
    models = (await server.json("GET", "/api/models"))["models"]
    assert models[0]["id"] == "fast"
    assert models[0]["is_default"] is True
    assert models[0]["provider"] == "azure_openai"
    assert models[0]["prices"]["input_usd"] > 0
    assert "prices" not in models[1], "an unknown price stays unknown"
