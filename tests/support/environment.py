"""An environment without the settings of whoever runs the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.composition.settings import Settings, environment_name


def clear_environment(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Take every setting out of the environment, and stand in a folder that has no settings file."""
    for name in Settings.model_fields:
        monkeypatch.delenv(environment_name(name), raising=False)
    monkeypatch.chdir(folder)
