"""The vocabulary: tags, defaults on the wire, and encode and decode as exact opposites."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given

from penstock.core import events as e
from support.legal_logs import EVENT_TYPES, all_events


@given(all_events)
def test_decoding_what_was_encoded_gives_the_event(event: e.Event):
    assert e.decode_event(e.encode_event(event)) == event


@given(all_events)
def test_an_event_is_one_line(event: e.Event):
    """Frames are kept and sent joined by line ends, so that none may stand inside one."""
    line = e.encode_event(event)
    assert b"\n" not in line
    assert b"\r" not in line


@given(all_events)
def test_text_and_bytes_decode_alike(event: e.Event):
    line = e.encode_event(event)
    assert e.decode_event(line.decode()) == e.decode_event(line)


def test_each_event_has_its_own_tag_in_kebab_case():
    tags = [event_type.__struct_config__.tag for event_type in EVENT_TYPES]
    assert len(set(tags)) == len(tags)
    assert {"run-started", "tool-call-delta", "content-filter", "usage", "run-interrupted"} <= set(tags)


def test_every_struct_of_an_event_is_frozen_and_omits_defaults():
    for event_type in EVENT_TYPES:
        assert event_type.__struct_config__.frozen, event_type
        assert event_type.__struct_config__.omit_defaults, event_type


def test_defaults_stay_off_the_wire():
    event = e.RunStarted(run_id="r", message_id="m", model="x", provider="p")
    assert json.loads(e.encode_event(event)) == {
        "type": "run-started",
        "run_id": "r",
        "message_id": "m",
        "model": "x",
        "provider": "p",
    }


def test_a_message_without_a_protocol_is_of_this_one():
    line = '{"type":"run-started","run_id":"r","message_id":"m","model":"x","provider":"p"}'
    event = e.decode_event(line)
    assert isinstance(event, e.RunStarted)
    assert event.protocol == e.PROTOCOL


def test_unknown_fields_of_a_later_version_are_passed_over():
    line = '{"type":"text-delta","part_id":"t","text":"a","mood":"calm"}'
    assert e.decode_event(line) == e.TextDelta(part_id="t", text="a")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('{"type":"text-delta","part_id":"t"}', id="a missing field"),
        pytest.param('{"type":"text-delta","part_id":"t","text":7}', id="a field of another type"),
        pytest.param('{"type":"poem"}', id="an unknown tag"),
        pytest.param("{}", id="no tag"),
        pytest.param('{"type":"run-stopped","by":"nobody"}', id="a value outside its list"),
    ],
)
def test_what_is_not_an_event_is_refused(line: str):
    with pytest.raises(msgspec.ValidationError):
        e.decode_event(line)


def test_verdicts_of_two_events_are_apart():
    """A dictionary as default is made anew for each event."""
    one, other = e.ContentFilter(stage="prompt"), e.ContentFilter(stage="prompt")
    one.verdicts["hate"] = e.Verdict(filtered=True)
    assert other.verdicts == {}
