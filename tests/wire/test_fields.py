"""Reading untyped JSON: what the spec's request cases do not show."""

from __future__ import annotations

from penstock.wire.fields import Fields


def test_fields_show_where_they_stand_and_what_they_hold():
    assert repr(Fields({"a": 1}, "messages[0]")) == "Fields('messages[0]', ['a'])"
