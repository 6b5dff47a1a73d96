"""What a client makes of a wire's bytes, however they are cut, is what the log means, as far as the wire carries it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.core import events as e
from penstock.core.fold import fold
from support.response_reader import read_lines, read_typed_frames, read_whole_response
from support.ui_fold import read_ui
from support.wire_folds import READERS as PLAIN_READERS
from support.wire_folds import Said, cut_frames, split_at
from support.wire_logs import FORMS, encode, few, has_parts_at_once, whole_logs
from support.wire_meanings import CARRIED, folded_reasoning, folded_text, reasoning, text

READERS = PLAIN_READERS | {
    "ui-message-stream": read_ui,
    "responses": read_lines,
    "responses-sse": read_typed_frames,
    "responses-whole": read_whole_response,
}
cuts = st.lists(st.integers(1, 4_000), max_size=12)


def test_every_wire_has_its_reader():
    assert set(FORMS) == {*CARRIED, "events"}
    assert set(CARRIED) == set(READERS)


@pytest.mark.parametrize("wire", CARRIED)
@few
@given(log=whole_logs(may_void=False), places=cuts)
def test_what_is_read_is_what_the_log_means_and_nothing_is_invented(wire: str, log: list[e.Event], places: list[int]):
    answer = encode(FORMS[wire], log, parameters={"include_usage": "1"})
    said, nothing, carried = READERS[wire](split_at(answer, places)), Said(), CARRIED[wire]
    for name in vars(nothing):
        expected = carried[name](log) if name in carried else getattr(nothing, name)
        assert getattr(said, name) == expected, f"{wire}: {name}"


@few
@given(log=whole_logs(), places=cuts)
def test_the_canonical_events_fold_to_the_same_message(log: list[e.Event], places: list[int]):
    frames = cut_frames(split_at(encode(FORMS["events"], log), places))
    assert fold(e.decode_event(frame) for frame in frames) == fold(log)


@few
@given(log=whole_logs(may_void=False))
def test_the_order_of_arrival_is_the_order_of_the_parts_unless_two_are_open_at_once(log: list[e.Event]):
    if not has_parts_at_once(log):
        assert text(log) == folded_text(log)
        assert reasoning(log) == folded_reasoning(log)
