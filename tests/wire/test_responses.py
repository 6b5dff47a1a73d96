"""How the events of a response are framed, and what Azure's samples look for in them."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import given
from openai.types.responses import ResponseStreamEvent

from penstock.core import events as e
from penstock.core.fold import fold
from penstock.core.log import make_batch
from penstock.wire.responses import DIALECT, EVENT_STREAM
from support.spec_cases import read_cases
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
        ({"input": "Hi", "tool_choice": "none", "tools": None}, {"tool_choice": '"none"'}),
    ],
)
def test_what_the_answer_needs_of_the_request_is_read(body: dict[str, Any], expected: dict[str, str]):
    for form in (DIALECT, EVENT_STREAM, DIALECT.whole):
        assert form is not None
        assert form.read_switches(body) == expected
        assert form.recognise(body)
    assert not DIALECT.recognise({"messages": [], "input": "Hi"})


def test_a_response_says_again_which_tools_were_given():
    tools = [{"type": "function", "name": "f"}]
    body = {"input": "Hi", "tools": tools, "parallel_tool_calls": False}
    start = e.RunStarted(run_id="r", message_id="m", model="x", provider="p")
    answer = encode(DIALECT, [start], parameters=DIALECT.read_switches(body))
    response = json.loads(answer.splitlines()[0])["response"]
    said = {name: response[name] for name in ("tools", "tool_choice", "parallel_tool_calls")}
    assert said == {"tools": tools, "tool_choice": "auto", "parallel_tool_calls": False}


EVENTS = {
    get_args(kind.model_fields["type"].annotation)[0]: kind for kind in get_args(get_args(ResponseStreamEvent)[0])
}


@pytest.mark.parametrize("case", read_cases("wire/responses"))
def test_openai_s_library_knows_every_event(case: dict[str, Any]):
    for line in case["bytes"].encode().splitlines():
        event = json.loads(line, object_hook=fill)
        if event["type"] != "response.context":
            EVENTS[event["type"]].model_validate(event)


DETAILS = {
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens_details": {"reasoning_tokens": 0},
}


def fill(value: dict[str, Any]) -> dict[str, Any]:
    """Put in what OpenAI always says and others leave unsaid: it is missing rather than made up."""
    if value.get("type") == "url_citation":
        return {"title": "", "start_index": 0, "end_index": 0} | value
    if value.get("object") == "response" and value["usage"] is not None:
        counts = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0} | value["usage"]
        details = {name: unsaid | counts.get(name, {}) for name, unsaid in DETAILS.items()}
        return value | {"usage": counts | details}
    return value
