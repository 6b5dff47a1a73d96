"""Parts in legal order, whatever is written in whatever order."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from penstock.core import events as e
from penstock.core.order import Order
from penstock.providers.answer_writer import AnswerWriter

ACTIONS: dict[str, Callable[[AnswerWriter], object]] = {
    "text": lambda writer: writer.write("text", "x"),
    "reasoning": lambda writer: writer.write("reasoning", "x"),
    "refusal": lambda writer: writer.write("refusal", "x"),
    "call": lambda writer: writer.write_arguments(writer.start_call("id", "f"), "{"),
    "event": lambda writer: writer.emit(e.Usage()),
    "end": lambda writer: writer.end_parts(),
}


@given(st.lists(st.sampled_from([*ACTIONS, "take"]), max_size=20))
def test_the_order_is_legal(names: list[str]):
    writer = AnswerWriter()
    events: list[e.Event] = [
        e.RunStarted(run_id="r", message_id="m", model="m", provider="p"),
        e.StepStarted(index=0),
    ]
    for name in names:
        if name == "take":
            events += writer.take()
        else:
            ACTIONS[name](writer)
    writer.end_parts()
    order = Order()
    for event in [*events, *writer.take(), e.StepFinished(index=0, finish_reason="stop")]:
        order.accept(event)


def test_deltas_of_one_part_join_until_taken():
    writer = AnswerWriter()
    writer.write("text", "a")
    writer.write("text", "b")
    assert writer.take() == (e.TextStarted(part_id="text-0"), e.TextDelta(part_id="text-0", text="ab"))
    writer.write("text", "c")
    assert writer.take() == (e.TextDelta(part_id="text-0", text="c"),)


def test_deltas_with_different_extra_stay_apart():
    writer = AnswerWriter()
    writer.write("text", "a", {"x": 1})
    writer.write("text", "b", {"x": 1})
    writer.write("text", "c")
    deltas = [(event.text, event.extra) for event in writer.take() if isinstance(event, e.TextDelta)]
    assert deltas == [("ab", {"x": 1}), ("c", None)]
