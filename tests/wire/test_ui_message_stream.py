"""What the AI SDK's page understands of the ``ui-message-stream`` wire is what the log means, in every dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from penstock.core import events as e
from penstock.core import messages as m
from penstock.core.fold import fold
from penstock.wire.ui_chunks import GRAMMARS
from penstock.wire.ui_message_stream import DIALECT
from support.wire_logs import encode, few, last_usage, whole_logs
from support.wire_readers import UiReader, read_frames, read_objects

NEWER_TYPES = {"tool-input-error", "reset-step"}
dialects = st.sampled_from([{}, *({"dialect": name} for name in GRAMMARS)])
START = e.RunStarted(run_id="r", message_id="m", model="x", provider="p")


def read(log: list[e.Event], parameters: dict[str, str]) -> UiReader:
    return UiReader().read(encode(DIALECT, log, parameters=parameters))


@few
@given(log=whole_logs(may_void=False), parameters=dialects)
def test_text_reasoning_and_refusal_are_the_log_s(log: list[e.Event], parameters: dict[str, str]):
    assume(not any(isinstance(event, e.Data) for event in log))
    page, folded = read(log, parameters), fold(log)
    words = [part.text for part in folded.parts if isinstance(part, (m.TextPart, m.RefusalPart))]
    assert page.text_of("text") == "".join(words)
    assert page.text_of("reasoning") == "".join(p.text for p in folded.parts if isinstance(p, m.ReasoningPart))
    assert sorted(page.refusals) == sorted(p.text for p in folded.parts if isinstance(p, m.RefusalPart) and p.text)


@few
@given(log=whole_logs(), parameters=dialects)
def test_there_is_one_end_and_it_is_explicit(log: list[e.Event], parameters: dict[str, str]):
    page = read(log, parameters)
    (ending,) = page.endings
    assert page.metadata["status"] == fold(log).status
    kinds = {e.RunFinished: "finish", e.RunFailed: "error", e.RunStopped: "abort"}
    expected = kinds.get(type(log[-1]), "finish" if parameters.get("dialect") == "7" else "error")
    assert ending["type"] == expected
    usage = last_usage(log)
    assert page.metadata.get("usage", {}).get("outputTokens") == (None if usage is None else usage.output)


@few
@given(log=whole_logs())
def test_without_a_dialect_nothing_newer_than_5_0_0_goes_out(log: list[e.Event]):
    chunks = read_objects(encode(DIALECT, log))
    assert not {chunk["type"] for chunk in chunks} & NEWER_TYPES
    assert not any("finishReason" in chunk or "reason" in chunk for chunk in chunks)


@few
@given(log=whole_logs(), parameters=dialects)
def test_only_the_last_frame_of_an_event_has_its_offset(log: list[e.Event], parameters: dict[str, str]):
    """So a reader that was cut between two frames of one event gets both again."""
    frames = read_frames(encode(DIALECT, log, parameters=parameters))
    offsets = [frame.seq for frame in frames if frame.seq is not None]
    assert offsets == sorted(set(offsets))
    assert (frames[-1].seq, frames[-1].data) == (None, "[DONE]")
    assert frames[-2].seq == len(log) - 1


@pytest.mark.parametrize(
    ("dialect", "kinds"),
    [
        ("5", ["start", "start-step", "start-step", "error"]),
        ("7", ["start", "start-step", "reset-step", "error"]),
    ],
)
def test_a_reset_reuses_the_page_s_step_once(dialect: str, kinds: list[str]):
    log = [
        START,
        e.StepStarted(index=0),
        e.StepReset(index=0),
        e.StepStarted(index=1),
        e.StepFinished(index=1, finish_reason="stop"),
        e.StepStarted(index=2),
        e.RunFailed(code="timeout", message="Too slow."),
    ]
    chunks = read_objects(encode(DIALECT, log, parameters={"dialect": dialect}))
    starts = [chunk["type"] for chunk in chunks if chunk["type"] in kinds]
    assert starts[:3] == kinds[:3]
    assert [chunk["type"] for chunk in chunks].count("start-step") == 2


def test_a_result_of_a_voided_call_is_left_out():
    """The page has dropped the call with the step, and fails on a result without one."""
    log = [
        START,
        e.StepStarted(index=0),
        e.ToolCallStarted(tool_call_id="c", name="f"),
        e.ToolCallReady(tool_call_id="c", name="f", input={}),
        e.StepReset(index=0),
        e.ToolResult(tool_call_id="c", output=1),
        e.RunStopped(by="user"),
    ]
    kinds = [chunk["type"] for chunk in read_objects(encode(DIALECT, log, parameters={"dialect": "7"}))]
    assert "tool-output-available" not in kinds


def test_the_message_id_is_the_same_in_every_replay():
    (start,) = read_objects(encode(DIALECT, [START]))
    assert start["messageId"] == "m"


def test_the_answer_names_its_protocol_in_a_header():
    assert ("x-vercel-ai-ui-message-stream", "v1") in DIALECT.headers


def test_an_unknown_price_is_left_out():
    log: list[Any] = [START, e.Usage(input=1, output=2, cost=e.Cost()), e.RunFinished(finish_reason="stop")]
    assert "cost" not in json.dumps(read_objects(encode(DIALECT, log)))
