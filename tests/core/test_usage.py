"""Tokens, money and time: unknown stays unknown."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from penstock.core.usage import Cost, Timings
from support.legal_logs import structs_of


@given(st.one_of(structs_of(Cost), structs_of(Timings)))
def test_cost_and_timings_go_through_json_unchanged(record: msgspec.Struct):
    assert msgspec.json.decode(msgspec.json.encode(record), type=type(record)) == record


def test_what_is_unknown_is_left_out():
    assert msgspec.to_builtins(Cost()) == {}
    assert msgspec.to_builtins(Timings(total_ms=1.0)) == {"total_ms": 1.0}


def test_nothing_is_free_by_default():
    assert Cost().usd is None
