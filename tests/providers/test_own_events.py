"""What a program yields, in legal order."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.core import events as e
from penstock.core.errors import ProviderError, UpstreamEndedError
from penstock.core.fold import fold
from penstock.core.order import Order
from penstock.providers.own_events import CODE, OwnEvents

START = e.RunStarted(run_id="run-1", message_id="msg-1", model="m", provider="p")


def run(*items: object) -> list[e.Event]:
    """The events of a whole answer, held to the order."""
    own = OwnEvents()
    events = [event for item in items for event in own.take(item)] + own.end()
    order = Order()
    for event in (START, *events, e.RunFinished(finish_reason="stop")):
        order.accept(event)
    return events


def model_answer(text: str, *, usage: e.Usage | None = None) -> list[e.Event]:
    """An answer of a model as the toolkit gives it; all of them use the same ids."""
    return [
        START,
        e.StepStarted(index=0, model="m-2026"),
        e.TextStarted(part_id="text-0"),
        e.TextDelta(part_id="text-0", text=text),
        e.TextEnded(part_id="text-0"),
        e.StepFinished(index=0, finish_reason="stop"),
        *([usage] if usage else []),
        e.RunFinished(finish_reason="stop"),
    ]


def test_text_is_one_part_of_one_finished_step():
    events = run("Hel", "", "lo")

    assert fold((START, *events)).text == "Hello"
    assert [type(event) for event in events] == [
        e.StepStarted,
        e.TextStarted,
        e.TextDelta,
        e.TextDelta,
        e.TextEnded,
        e.StepFinished,
    ]


def test_nothing_at_all_is_an_empty_answer():
    assert run() == [e.StepStarted(index=0), e.StepFinished(index=0, finish_reason="stop")]


def test_progress_and_sources_may_come_anywhere():
    progress = e.Progress(stage="searching", state="started")
    source = e.Source(source_id="s", kind="document", title="Handbook")

    events = run(progress, "one ", source, "two")

    assert events[0] == progress
    assert source in events
    assert fold((START, *events)).text == "one two"


def test_answers_of_models_are_passed_on_with_ids_of_their_own():
    events = run("Asking. ", *model_answer("one "), *model_answer("two"), " Done.")

    assert fold((START, *events)).text == "Asking. one two Done."
    steps = [event.index for event in events if isinstance(event, e.StepStarted)]
    assert steps == [0, 1, 2, 3]
    assert [event.index for event in events if isinstance(event, e.StepFinished)] == steps


def test_usage_of_several_answers_is_added_up():
    first = e.Usage(input=10, output=1, total=11)
    growing = e.Usage(input=20, output=2, total=22, source="estimated")

    events = run(*model_answer("a", usage=first), *model_answer("b", usage=growing))

    last = [event for event in events if isinstance(event, e.Usage)][-1]
    assert (last.input, last.output, last.total, last.source) == (30, 3, 33, "estimated")


def test_parts_outside_a_step_get_one():
    events = run(
        "Thinking. ",
        e.ReasoningStarted(part_id="r"),
        e.ReasoningDelta(part_id="r", text="Hm."),
        e.ReasoningEnded(part_id="r"),
        e.ToolCallStarted(tool_call_id="c", name="look"),
        e.ToolCallReady(tool_call_id="c", name="look", input={}),
        e.ToolResult(tool_call_id="c", output=1),
        "Done.",
    )

    assert sum(isinstance(event, e.StepStarted) for event in events) == 1


def test_what_is_left_open_is_ended():
    events = run(e.TextStarted(part_id="t"), e.TextDelta(part_id="t", text="Hello"))

    assert e.TextEnded(part_id="t") in events


def test_a_step_that_is_taken_back_takes_its_text_back():
    events = run(e.StepStarted(index=7), "wrong", e.StepReset(index=7), "right")

    assert fold((START, *events)).text == "right"


def test_halves_of_characters_find_each_other_and_lone_ones_are_replaced():
    events = run("\ud83d", "\ude00 and \ud83d")

    assert fold((START, *events)).text == "\U0001f600 and \ufffd"


@pytest.mark.parametrize(
    "item",
    [
        7,
        None,
        {"content": "Hello"},
        b"Hello",
        e.TextDelta(part_id="none", text="before its start"),
        e.Data(name="chart", value=object),
        e.Progress(stage="x", state="\ud83d"),  # pyright: ignore[reportArgumentType] - what a program without types may do
        e.TextStarted(part_id=3),  # pyright: ignore[reportArgumentType] - the same
    ],
    ids=repr,
)
def test_what_may_not_be_yielded_is_named(item: Any):
    with pytest.raises(ProviderError) as caught:
        OwnEvents().take(item)

    assert caught.value.code == CODE


def test_a_failed_answer_of_a_model_fails_this_one_by_its_own_words():
    with pytest.raises(ProviderError) as caught:
        run(e.RunFailed(code="rate_limited", message="Too fast.", retryable=True, retry_after_s=2))

    assert (caught.value.code, caught.value.message, caught.value.retry_after_s) == ("rate_limited", "Too fast.", 2)


def test_an_interrupted_answer_of_a_model_interrupts_this_one():
    with pytest.raises(UpstreamEndedError):
        run(*model_answer("half")[:4], e.RunInterrupted(cause="upstream-eof"))


def test_a_model_that_the_program_stopped_itself_is_no_failure():
    events = run(*model_answer("enough")[:5], e.RunStopped(by="user"))

    assert fold((START, *events)).text == "enough"
