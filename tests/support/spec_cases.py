"""Reads the cases in `spec/`: one JSON file each, with the sentence that it promises as its name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SPEC = Path(__file__).resolve().parents[2] / "spec"


def read_cases(folder: str) -> list[Any]:
    """Give the cases of a folder as pytest parameters, by file name."""
    paths = sorted((SPEC / folder).rglob("*.json"))
    assert paths, f"spec/{folder} has no cases"
    return [pytest.param(json.loads(path.read_text(encoding="utf-8")), id=path.stem) for path in paths]
