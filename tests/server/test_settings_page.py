"""The reference page."""

from __future__ import annotations

from pathlib import Path

from penstock.composition.settings import ModelSettings, Settings
from penstock.server.settings_page import write_page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "settings.md"


def test_the_page_is_fresh():
    assert PAGE.read_text(encoding="utf-8") == write_page(), "run: python tools/generate_settings_page.py"


def test_every_setting_is_described():
    for fields in (Settings.model_fields, ModelSettings.model_fields):
        assert all(field.description for field in fields.values())
