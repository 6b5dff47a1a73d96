"""What is sent at a time of a backlog."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from penstock.core.events import TextDelta
from penstock.core.log import Batch, make_batch
from penstock.server.pieces import cut


def batches_of(lengths: list[list[int]]) -> list[Batch]:
    """Make batches of deltas with so many characters."""
    batches: list[Batch] = []
    seq = 0
    for batch in lengths:
        batches.append(make_batch(seq, [TextDelta(part_id="p", text="x" * length) for length in batch]))
        seq = batches[-1].next_seq
    return batches


@given(st.lists(st.lists(st.integers(0, 300), max_size=8), max_size=12), st.integers(1, 2000))
def test_every_event_is_in_one_group_in_order(lengths: list[list[int]], size_bytes: int):
    batches = batches_of(lengths)
    groups = list(cut(batches, size_bytes))
    parts = [part for group in groups for part in group]
    assert [event for part in parts for event in part.events] == [event for one in batches for event in one.events]
    assert [frame for part in parts for frame in part.frames] == [frame for one in batches for frame in one.frames]
    seq = 0
    for part in parts:
        assert (part.first_seq, len(part.events)) == (seq, len(part.frames))
        seq = part.next_seq
    assert all(part.events for part in parts)


@given(st.lists(st.lists(st.integers(0, 300), max_size=8), max_size=12), st.integers(1, 2000))
def test_a_group_is_no_larger_than_asked_but_for_its_last_event(lengths: list[list[int]], size_bytes: int):
    groups = list(cut(batches_of(lengths), size_bytes))
    for group in groups:
        frames = [frame for part in group for frame in part.frames]
        assert sum(map(len, frames[:-1])) < size_bytes
    for group in groups[:-1]:
        assert sum(len(frame) for part in group for frame in part.frames) >= size_bytes


def test_a_batch_that_fits_is_given_as_it_is():
    batches = batches_of([[5, 5], [7]])
    (group,) = cut(batches, 10_000)
    assert group[0] is batches[0]
    assert group[1] is batches[1]
