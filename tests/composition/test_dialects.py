"""The list of dialects."""

from __future__ import annotations

from penstock.composition.dialects import DIALECTS


def test_plain_sse_is_the_default_and_every_answer_can_be_told_apart():
    """Two forms may share a name when their media types differ: then ``Accept`` decides between them."""
    forms = [(dialect.name, dialect.media_type) for dialect in DIALECTS]

    assert forms[0][0] == "sse"
    assert len(set(forms)) == len(forms)
