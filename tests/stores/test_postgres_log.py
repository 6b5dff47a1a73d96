"""A row of the shared log gives back the batches that it was made of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from penstock.core.events import TextDelta
from penstock.core.log import Batch, make_batch
from penstock.stores.postgres_log import join_batches, split_batches

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.lists(TEXTS, min_size=1, max_size=3), min_size=1, max_size=5), st.integers(0, 2**40))
def test_any_batches_come_back_with_their_borders(texts: list[list[str]], first_seq: int):
    batches: list[Batch] = []
    for group in texts:
        seq = batches[-1].next_seq if batches else first_seq
        batches.append(make_batch(seq, [TextDelta(part_id="text-0", text=text) for text in group]))
    assert split_batches(first_seq, join_batches(batches)) == batches
