"""The toolkit's reference says what the docstrings say, and has every name."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

import penstock

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_ENTRY = {"Event", "Pipeline", "events"}
"""Types that the page names where they are used; the events are a table of ARCHITECTURE.md."""


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    specification = importlib.util.spec_from_file_location("toolkit_page", ROOT / "tools" / "generate_toolkit_page.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_page_is_fresh(tool: ModuleType):
    page = tool.TARGET.read_text(encoding="utf-8")
    assert page == tool.write_page(), "run: python tools/generate_toolkit_page.py"


def test_the_page_has_every_public_name(tool: ModuleType):
    page = tool.write_page()
    missing = [name for name in penstock.__all__ if name not in WITHOUT_ENTRY and f"### `{name}`" not in page]
    assert not missing, f"Give them a section in tools/generate_toolkit_page.py: {missing}"
