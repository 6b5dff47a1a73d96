"""The reference page knows every wire."""

from __future__ import annotations

import re
from pathlib import Path

from penstock.wire import events, openai, openai_text, sse, text, ui_message_stream, whole_json

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "wires.md"
NAMES = {module.DIALECT.name for module in (events, sse, text, ui_message_stream, whole_json, openai, openai_text)}


def test_the_page_has_a_section_for_every_wire_and_for_no_other():
    assert set(re.findall(r"^## `([a-z-]+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE)) == NAMES


def test_every_wire_has_a_column_in_the_table():
    header = next(line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| event |"))
    assert set(re.findall(r"`([a-z-]+)`", header)) == NAMES
