"""How a journal row holds the batches of many runs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from penstock.stores.framing import MASK_BITS, mask_of, read_frames, write_frame

run_ids = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", min_size=1, max_size=64)
frames = st.lists(st.tuples(run_ids, st.integers(0, 2**32 - 1), st.binary(max_size=300)))


@given(frames)
def test_what_was_written_is_read_in_order(written: list[tuple[str, int, bytes]]):
    payload = b"".join(write_frame(*frame) for frame in written)
    assert list(read_frames(payload, {name.encode() for name, _, _ in written})) == written


@given(frames, run_ids)
def test_only_the_wanted_runs_are_read(written: list[tuple[str, int, bytes]], wanted: str):
    payload = b"".join(write_frame(*frame) for frame in written)
    assert list(read_frames(payload, {wanted.encode()})) == [frame for frame in written if frame[0] == wanted]


@given(run_ids)
def test_a_mask_has_one_bit_that_a_signed_integer_can_hold(run_id: str):
    mask = mask_of(run_id)
    assert mask.bit_count() == 1
    assert 0 < mask < 1 << MASK_BITS
