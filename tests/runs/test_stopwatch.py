"""The times of an answer."""

from __future__ import annotations

from penstock.core import events as e
from penstock.core.usage import Timings
from penstock.runs.stopwatch import Stopwatch
from runs.scripted import STARTED, TEXT, HandClock, delta


def times(*steps: tuple[float, tuple[e.Event, ...]]) -> Timings:
    """Take the times of batches that arrive so many seconds after one another; it ends a second after the last."""
    clock = HandClock()
    stopwatch = Stopwatch(clock, clock.monotonic())
    for seconds, events in steps:
        clock.time += seconds
        stopwatch.see(events)
    clock.time += 1
    return stopwatch.read()


REASONING = e.ReasoningDelta(part_id="reasoning-0", text="hm")


def test_an_answer_that_never_came_has_only_a_total():
    assert times() == Timings(total_ms=1000)


def test_our_own_progress_is_no_event_of_the_service():
    retrying = e.Progress(stage="retrying", state="started")
    assert times((1, (retrying,)), (1, (STARTED,))).first_event_ms == 2000


def test_reasoning_lasts_until_the_answer_begins():
    taken = times((1, (STARTED,)), (1, (REASONING,)), (2, (REASONING,)), (1, (TEXT, delta("a"))), (9, (REASONING,)))
    assert taken == Timings(first_event_ms=1000, first_token_ms=2000, reasoning_ms=3000, total_ms=15000)


def test_reasoning_without_an_answer_lasts_until_the_end():
    assert times((1, (STARTED, REASONING))).reasoning_ms == 1000


def test_a_tool_call_and_a_refusal_are_answers():
    call = e.ToolCallDelta(tool_call_id="t", arguments="{")
    refusal = e.RefusalDelta(part_id="refusal-0", text="No")
    for answer in (call, refusal):
        taken = times((1, (STARTED, REASONING)), (1, (answer,)))
        assert (taken.first_token_ms, taken.reasoning_ms) == (1000, 1000)
