"""The environment of this folder's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.environment import clear_environment


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the settings of whoever runs the tests out."""
    clear_environment(monkeypatch, tmp_path)
