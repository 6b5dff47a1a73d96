"""Reading untyped JSON: what the spec's request cases do not show."""

from __future__ import annotations

import pytest

from penstock.core.errors import CallerError
from penstock.wire.fields import Fields


def test_fields_show_where_they_stand_and_what_they_hold():
    assert repr(Fields({"a": 1}, "messages[0]")) == "Fields('messages[0]', ['a'])"


def test_each_object_of_a_list_knows_its_place_and_what_is_made_none_of_is_left_out():
    fields = Fields({"parts": [{"n": 1}, {}, {"n": 3}]}, "messages[0]")
    assert fields.each("parts", lambda part: part.integer("n", low=0, high=9), limit=3) == (1, 3)
    assert fields.each("files", repr, limit=3) == ()
    assert fields.each("parts", lambda part: part.path("n"), limit=3)[-1] == "messages[0].parts[2].n"


def test_what_is_no_object_in_a_list_is_named_before_any_that_follows_it_is_read():
    read: list[Fields] = []
    with pytest.raises(CallerError) as caught:
        Fields({"parts": [{}, 7, {}]}).each("parts", read.append, limit=3)
    assert caught.value.field == "parts[1]"
    assert len(read) == 1
