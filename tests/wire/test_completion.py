"""Completion is never faked: how each ending shows in each form of an answer; only a finished one looks whole."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from penstock.core import events as e
from penstock.core.log import make_batch
from penstock.wire.dialect import Encoder
from support.wire_logs import FORMS, context

BEGUN = [
    e.RunStarted(run_id="r", message_id="m", model="x", provider="p"),
    e.StepStarted(index=0),
    e.TextStarted(part_id="t"),
    e.TextDelta(part_id="t", text="Bats "),
    e.TextEnded(part_id="t"),
]
FINISHED: list[e.Event] = [e.StepFinished(index=0, finish_reason="stop"), e.RunFinished(finish_reason="stop")]
BROKEN: dict[str, e.Event] = {
    "failed": e.RunFailed(code="connection", message="The connection broke."),
    "upstream-eof": e.RunInterrupted(cause="upstream-eof"),
    "producer-lost": e.RunInterrupted(cause="producer-lost"),
    "user": e.RunStopped(by="user"),
    "timeout": e.RunStopped(by="timeout"),
    "budget": e.RunStopped(by="budget"),
    "shutdown": e.RunStopped(by="shutdown"),
}


class Marks(NamedTuple):
    """What stands in the bytes of an answer that finished, that was stopped by the user, and that ended otherwise."""

    whole: str
    stopped: str
    broken: str


CUT = Marks("", "", "")
"""Nothing in the bytes: the connection says it."""
MARKS: dict[str, Marks] = {
    "events": Marks('"type":"run-finished"', '"type":"run-stopped"', '"type":"run-'),
    "sse": Marks('"finish_reason":"stop"', '"status":"stopped","finish_reason":null', '"error":"'),
    "text": CUT,
    "json": Marks('"finish_reason":"stop"', '"finish_reason":null', '"finish_reason":null'),
    "ui-message-stream": Marks('"type":"finish"', '"type":"abort"', '"status":"'),
    "data-stream": Marks('d:{"finishReason":"stop"', 'd:{"finishReason":"unknown"', "\n3:"),
    "ndjson": Marks('"finish_reason":"stop"', '"status":"stopped","finish_reason":null', '{"error":{"code":"'),
    "ndjson-whole": Marks('"finish_reason":"stop"', '"error":{"code":"stopped_by_user"', '"error":{"code":"'),
    "choices": Marks(
        '"finish_reason":"stop"', '"finish_reason":null,"status":"stopped"', '"finish_reason":null,"error":"'
    ),
    "responses": Marks('"type":"response.completed"', '"status":"cancelled"', '"type":"response.failed"'),
    "responses-sse": Marks("event: response.completed", '"status":"cancelled"', "event: response.failed"),
    "responses-whole": Marks('"status":"completed","error":null', '"status":"cancelled"', '"status":"failed"'),
    "openai": Marks("[DONE]", '"code":"stopped_by_user"', '{"error":{"message":"'),
    "openai-whole": Marks('"finish_reason":"stop"', '"code":"stopped_by_user"', '{"error":{"message":"'),
    "openai-text": Marks("[DONE]", '"code":"stopped_by_user"', '{"error":{"message":"'),
    "openai-text-whole": Marks('"finish_reason":"stop"', '"code":"stopped_by_user"', '{"error":{"message":"'),
}


def run(form: str, ending: list[e.Event]) -> tuple[Encoder, str]:
    encoder = FORMS[form].open(context())
    return encoder, encoder.encode(make_batch(0, [*BEGUN, *ending])).decode()


def test_every_form_says_how_it_shows():
    assert set(MARKS) == set(FORMS)


@pytest.mark.parametrize("form", FORMS)
def test_a_finished_answer_looks_whole(form: str):
    encoder, answer = run(form, FINISHED)
    assert MARKS[form].whole in answer
    assert (encoder.status, encoder.must_cut) == (200, False)


@pytest.mark.parametrize("ending", BROKEN)
@pytest.mark.parametrize("form", FORMS)
def test_any_other_answer_does_not(form: str, ending: str):
    encoder, answer = run(form, [BROKEN[ending]])
    marks = MARKS[form]
    if marks == CUT:
        assert encoder.must_cut
        return
    assert not encoder.must_cut
    assert marks.whole not in answer
    assert (marks.stopped if ending == "user" else marks.broken) in answer
    assert FORMS[form].is_whole == (encoder.status >= 400)


@pytest.mark.parametrize("form", FORMS)
def test_an_answer_in_mid_stream_does_not_either(form: str):
    _, answer = run(form, [])
    assert MARKS[form] == CUT or MARKS[form].whole not in answer


@pytest.mark.parametrize("form", FORMS)
def test_nothing_looks_whole_once_words_that_went_out_are_void(form: str):
    """It takes them back, says an error, or cuts."""
    again: list[e.Event] = [
        e.StepReset(index=0),
        e.StepStarted(index=1),
        e.TextStarted(part_id="u"),
        e.TextDelta(part_id="u", text="Birds "),
        e.TextEnded(part_id="u"),
        e.StepFinished(index=1, finish_reason="stop"),
        e.RunFinished(finish_reason="stop"),
    ]
    encoder, answer = run(form, again)
    takes_back = "reset" in answer or "Bats" not in answer
    assert takes_back or encoder.must_cut or MARKS[form].whole not in answer
