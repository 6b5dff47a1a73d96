"""The list of dialects."""

from __future__ import annotations

from penstock.composition.dialects import DIALECTS


def test_plain_sse_is_the_default_and_no_name_comes_twice():
    names = [dialect.name for dialect in DIALECTS]

    assert names[0] == "sse"
    assert len(set(names)) == len(names)
