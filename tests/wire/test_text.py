"""What a reader of the ``text`` wire gets, and when the connection is cut."""

from __future__ import annotations

from hypothesis import given

from penstock.core import events as e
from penstock.core.log import make_batch
from penstock.wire.text import DIALECT
from support.wire_logs import context, encode, few, whole_logs

START = e.RunStarted(run_id="r", message_id="m", model="x", provider="p")


@few
@given(log=whole_logs(may_void=False))
def test_the_bytes_are_the_answer_s_characters(log: list[e.Event]):
    words = [event.text for event in log if isinstance(event, (e.TextDelta, e.RefusalDelta))]
    assert encode(DIALECT, log).decode() == "".join(words)


@few
@given(log=whole_logs(may_void=False))
def test_only_an_answer_that_finished_ends_in_order(log: list[e.Event]):
    encoder = DIALECT.open(context())
    encoder.encode(make_batch(0, log))
    assert encoder.must_cut != isinstance(log[-1], e.RunFinished)


def test_void_text_of_an_earlier_batch_cuts_too():
    encoder = DIALECT.open(context())
    opening = [START, e.StepStarted(index=0), e.TextStarted(part_id="t"), e.TextDelta(part_id="t", text="no")]
    encoder.encode(make_batch(0, opening))
    encoder.encode(make_batch(4, [e.TextEnded(part_id="t"), e.StepReset(index=0)]))
    assert encoder.must_cut
