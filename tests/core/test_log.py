"""Batches: gapless offsets, frames that are the events, and the rest after any offset."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.core import events as e
from penstock.core.log import Batch, make_batch, read_batch
from support.legal_logs import all_events

batches = st.builds(make_batch, st.integers(0, 2**40), st.lists(all_events, max_size=6))


@given(batches)
def test_reading_what_was_made_gives_the_batch(batch: Batch):
    assert read_batch(batch.first_seq, b"\n".join(batch.frames)) == batch


@given(batches)
def test_each_event_has_its_frame_and_its_offset(batch: Batch):
    assert [e.decode_event(frame) for frame in batch.frames] == list(batch.events)
    assert batch.next_seq - batch.first_seq == len(batch.events) == len(batch.frames)


@given(batches, st.integers(-3, 10))
def test_after_any_offset_comes_exactly_what_lies_behind_it(batch: Batch, step: int):
    seq = batch.first_seq + step
    rest = batch.after(seq)
    expected = [event for offset, event in enumerate(batch.events, start=batch.first_seq) if offset > seq]
    assert list(rest.events) == expected
    assert list(rest.frames) == list(batch.frames)[len(batch.frames) - len(expected) :]
    assert rest.next_seq == batch.next_seq
    assert rest.first_seq == (
        max(seq + 1, batch.first_seq) if expected else batch.next_seq if step >= 0 else rest.first_seq
    )


def test_what_lies_wholly_behind_the_offset_is_the_batch_itself():
    batch = make_batch(5, [e.TextEnded(part_id="t")])
    assert batch.after(4) is batch
    assert batch.after(-1) is batch


@pytest.mark.parametrize(
    "terminal",
    [
        e.RunFinished(finish_reason="stop"),
        e.RunFailed(code="c", message="m"),
        e.RunStopped(by="user"),
        e.RunInterrupted(cause="upstream-eof"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_a_batch_with_the_terminal_is_terminal(terminal: e.Terminal):
    assert make_batch(0, [e.TextEnded(part_id="t"), terminal]).is_terminal


def test_a_batch_without_the_terminal_is_not():
    assert not make_batch(0, [e.TextEnded(part_id="t")]).is_terminal
    assert not make_batch(0, []).is_terminal
