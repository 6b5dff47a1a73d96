"""How the events of a response are framed, and what Azure's samples look for in them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from penstock.core import events as e
from penstock.core.fold import fold
from penstock.core.log import make_batch
from penstock.wire.responses import DIALECT, EVENT_STREAM
from support.wire_logs import context, encode, few, whole_logs


@few
@given(log=whole_logs())
def test_the_samples_pages_see_an_error_or_a_completed_answer(log: list[e.Event]):
    """They show ``error`` of any line, and add up the deltas of text."""
    lines = [json.loads(line) for line in encode(DIALECT, log).splitlines()]
    assert all("error" not in line for line in lines[:-1])
    assert isinstance(lines[-1].get("error", ""), str)
    is_stop = isinstance(log[-1], e.RunStopped) and log[-1].by == "user"
    if "error" not in lines[-1]:
        assert is_stop or fold(log).status == "finished"


@few
@given(log=whole_logs())
def test_the_frames_have_the_events_of_the_lines(log: list[e.Event]):
    events = [json.loads(line) for line in encode(DIALECT, log).splitlines()]
    events[-1].pop("error", None)
    blocks = encode(EVENT_STREAM, log).decode().split("\n\n")[:-2]
    assert [json.loads(block.split("data: ", 1)[1]) for block in blocks] == events


@few
@given(log=whole_logs())
def test_only_a_finished_answer_is_a_success_as_one_document(log: list[e.Event]):
    assert DIALECT.whole is not None
    encoder = DIALECT.whole.open(context())
    document = json.loads(encoder.encode(make_batch(0, log)))
    assert (encoder.status == 200) == (document["status"] in {"completed", "incomplete"})
    if encoder.status == 200:
        assert isinstance(log[-1], e.RunFinished)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"input": "Hi"}, {}),
        ({"input": "Hi", "context": {"overrides": {}}}, {"context": "1"}),
        ({"input": "Hi", "context": "x"}, {}),
    ],
)
def test_a_page_that_sends_a_context_gets_one(body: dict[str, Any], expected: dict[str, str]):
    for form in (DIALECT, EVENT_STREAM, DIALECT.whole):
        assert form is not None
        assert form.read_switches(body) == expected
        assert form.recognise(body)
    assert not DIALECT.recognise({"messages": [], "input": "Hi"})
