"""The reference page knows every wire."""

from __future__ import annotations

import re
from pathlib import Path

from penstock.composition.dialects import DIALECTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "wires.md"
NAMES = {dialect.name for dialect in DIALECTS}


def test_the_page_has_a_section_for_every_wire_and_for_no_other():
    assert set(re.findall(r"^## `([a-z-]+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE)) == NAMES


def test_every_wire_has_a_column_in_a_table_and_every_table_has_every_event():
    tables = re.findall(r"^\| event \|.*(?:\n\|.*)+", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    columns = [name for table in tables for name in re.findall(r"`([a-z-]+)`", table.splitlines()[0])]
    assert sorted(columns) == sorted(NAMES)
    rows = [[line.split("|")[1].strip() for line in table.splitlines()] for table in tables]
    assert all(row == rows[0] for row in rows)
