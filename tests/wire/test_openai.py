"""What a client of OpenAI's understands of the ``openai`` wire is what the log means."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from penstock.core import events as e
from penstock.core.fold import fold
from penstock.core.messages import ToolPart
from penstock.wire.openai import DIALECT
from penstock.wire.openai_words import FINISH_WORDS
from support.wire_logs import encode, few, last_usage, whole_logs, words_of
from support.wire_readers import read_objects, read_openai


@few
@given(log=whole_logs(may_void=False))
def test_words_are_the_log_s(log: list[e.Event]):
    read = read_openai(encode(DIALECT, log))
    assert read.content == words_of(log, e.TextDelta)
    assert read.reasoning == words_of(log, e.ReasoningDelta)
    assert read.refusal == words_of(log, e.RefusalDelta)


@few
@given(log=whole_logs(may_void=False))
def test_calls_are_the_message_s(log: list[e.Event]):
    read = read_openai(encode(DIALECT, log))
    folded = [part for part in fold(log).parts if isinstance(part, ToolPart)]
    assert [call["id"] for call in read.calls] == [part.tool_call_id for part in folded]
    came: dict[str, str] = {}
    for event in log:
        if isinstance(event, e.ToolCallDelta):
            came[event.tool_call_id] = came.get(event.tool_call_id, "") + event.arguments
    for call, part in zip(read.calls, folded, strict=True):
        if came.get(part.tool_call_id):
            assert call["arguments"] == came[part.tool_call_id]
        elif part.state == "ready":
            assert json.loads(call["arguments"]) == part.input
        else:
            assert call["arguments"] == part.arguments


@few
@given(log=whole_logs())
def test_only_a_finished_answer_has_a_reason_and_the_end_mark(log: list[e.Event]):
    read = read_openai(encode(DIALECT, log))
    terminal = log[-1]
    if read.error is not None and read.error["code"] == "step_reset":
        assert any(isinstance(event, e.StepReset) for event in log)
        assert not read.is_done
    elif isinstance(terminal, e.RunFinished):
        assert read.error is None
        assert read.finish_reason == FINISH_WORDS[terminal.finish_reason]
        assert read.is_done
    else:
        assert read.error is not None
        assert not read.is_done
    assert (read.finish_reason is not None) == read.is_done


@few
@given(log=whole_logs(may_void=False))
def test_usage_is_the_last_one_logged_and_comes_only_when_asked_for(log: list[e.Event]):
    usage = last_usage(log)
    read = read_openai(encode(DIALECT, log, parameters={"include_usage": "1"}))
    if usage is None or not isinstance(log[-1], e.RunFinished):
        assert read.usage is None
    else:
        assert read.usage is not None
        assert read.usage.get("prompt_tokens") == usage.input
        assert read.usage.get("source", "provider") == usage.source
    assert read_openai(encode(DIALECT, log)).usage is None


@few
@given(log=whole_logs(may_void=False))
def test_azure_s_extras_change_no_word(log: list[e.Event]):
    log = [event for event in log if not isinstance(event, e.ContentFilter) or event.stage == "completion"]
    plain, azure = (read_openai(encode(DIALECT, log, parameters=parameters)) for parameters in ({}, {"azure": "1"}))
    plain.error = azure.error = None
    assert plain == azure


@pytest.mark.parametrize(
    ("body", "switches"),
    [
        ({}, {}),
        ({"stream_options": {"include_usage": True}}, {"include_usage": "1"}),
        ({"stream_options": {"include_usage": False}}, {}),
    ],
)
def test_the_body_says_whether_usage_is_wanted(body: dict[str, object], switches: dict[str, str]):
    assert DIALECT.read_switches(body) == switches


def test_no_chunk_repeats_the_text_before_it():
    """A chunk costs what its own words cost, whatever came before."""
    log: list[e.Event] = [e.RunStarted(run_id="r", message_id="m", model="x", provider="p"), e.StepStarted(index=0)]
    log += [e.TextStarted(part_id="t"), *(e.TextDelta(part_id="t", text=f"word {i} ") for i in range(100))]
    sizes = [len(json.dumps(chunk)) for chunk in read_objects(encode(DIALECT, log))]
    assert max(sizes) - min(sizes) < 30
