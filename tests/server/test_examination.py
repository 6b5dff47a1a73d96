"""What the doctor finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from penstock.composition.settings import ModelSettings, Settings
from penstock.emulator.server import start_emulator
from penstock.server.examination import examine


async def examined(tmp_path: Path, **changes: Any) -> dict[str, str]:
    findings = await examine(Settings(data_dir=tmp_path, **changes))
    return {finding.text: finding.level for finding in findings}


async def test_nothing_configured_is_a_hint(tmp_path: Path):
    found = await examined(tmp_path)
    assert "fault" not in found.values()
    assert any("AZURE_OPENAI_ENDPOINT" in text for text in found)


async def test_every_model_is_tried_and_what_to_fix_is_named(tmp_path: Path):
    emulator = await start_emulator(profile="fast")

    def model(deployment: str) -> ModelSettings:
        return ModelSettings(
            id=deployment, provider="azure_openai", deployment=deployment, endpoint=emulator.url, api_key="k"
        )

    found = await examined(tmp_path, models=(model("gpt-5.4-mini"), model("fault-401"), model("fault-404")))
    await emulator.close()
    assert any("gpt-5.4-mini" in text and level == "ok" for text, level in found.items())
    assert any("fault-401" in text and "key" in text and level == "fault" for text, level in found.items())
    assert any("fault-404" in text and "deployment" in text and level == "fault" for text, level in found.items())


async def test_an_endpoint_that_is_not_there_is_a_fault(tmp_path: Path):
    model = ModelSettings(id="a", provider="azure_openai", endpoint="http://127.0.0.1:1", api_key="k")
    found = await examined(tmp_path, models=(model,))
    assert any("Model a" in text and level == "fault" for text, level in found.items())


async def test_a_database_that_cannot_be_opened_is_a_fault(tmp_path: Path):
    (tmp_path / "penstock.db").write_text("this is not a database, and long enough to be read as one" * 50)
    found = await examined(tmp_path)
    assert any(text.startswith("Database:") and level == "fault" for text, level in found.items())


async def test_a_shared_database_is_named_without_its_password_and_so_is_what_joins_instances(
    tmp_path: Path, postgres_url: str
):
    found = await examined(tmp_path, database_url=postgres_url)
    assert any(text.startswith("Database: postgresql://") and level == "ok" for text, level in found.items())
    assert any("PENSTOCK_REDIS_URL" in text and level == "hint" for text, level in found.items())
    assert not any("postgres:postgres" in text for text in found)
    found = await examined(tmp_path, database_url=postgres_url, redis_url="redis://cache/0")
    assert any(text.startswith("Bus: Redis") for text in found)
