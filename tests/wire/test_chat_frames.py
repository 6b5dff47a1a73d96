"""The WebSocket's frames: what is at fault is named, and the chunks are those of the ``ui-message-stream`` wire."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.core import events as e
from penstock.core.errors import GoneError
from penstock.core.log import make_batch
from penstock.wire.chat_frames import (
    Abort,
    ChunkFrames,
    Resume,
    Send,
    Unreadable,
    read_frame,
    write_end,
    write_error,
    write_no_active,
    write_start,
)
from penstock.wire.ui_message_stream import DIALECT
from support.legal_logs import json_values
from support.spec_cases import read_cases
from support.wire_logs import context, encode, few, whole_logs
from support.wire_readers import read_objects

MESSAGES = [{"id": "u1", "role": "user", "parts": [{"type": "text", "text": "hello"}]}]
SEND = {
    "type": "send",
    "requestId": "r1",
    "id": "c1",
    "trigger": "submit-message",
    "messages": MESSAGES,
    "headers": {"x": "y"},
    "body": {"model": "fast"},
}


def read(**fields: Any) -> Any:
    return read_frame(json.dumps(fields))


def fault(**fields: Any) -> tuple[str, str | None]:
    """Read a frame that is at fault; gives the request that is told, and the field."""
    frame = read(**fields)
    assert isinstance(frame, Unreadable)
    return frame.request_id, frame.error.field


@pytest.mark.parametrize("case", read_cases("wire/socket/answers"))
def test_the_answer_s_case_holds(case: dict[str, Any]):
    frames = ChunkFrames(case["request_id"], context(**case["context"]), last_sequence=case["last_sequence"])
    log = msgspec.convert(case["events"], list[e.Event])
    assert [json.loads(frame) for frame in frames.encode(make_batch(0, log))] == case["frames"]


@pytest.mark.parametrize("case", read_cases("wire/socket/requests"))
def test_the_frame_s_case_holds(case: dict[str, Any]):
    frame = read(**case["frame"])
    if isinstance(frame, Unreadable):
        assert {"request_id": frame.request_id, "field": frame.error.field} == case["error"]
    else:
        assert type(frame).__name__ == case["reads"]
        assert msgspec.json.decode(msgspec.json.encode(frame)) == case["as"]


def test_a_send_is_the_request_that_http_would_have_sent():
    frame = read(**SEND)
    assert isinstance(frame, Send)
    assert frame.request_id == "r1"
    request = frame.request
    assert (request.conversation_id, request.client_message_id, request.model) == ("c1", "u1", "fast")
    assert request.trigger == "submit"


def test_what_the_sdk_says_stands_over_what_the_page_adds():
    frame = read(**{**SEND, "body": {"id": "other", "messages": []}})
    assert isinstance(frame, Send)
    assert (frame.request.conversation_id, len(frame.request.messages)) == ("c1", 1)


def test_what_a_page_s_tools_put_out_goes_on_in_its_own_message():
    part = {"type": "tool-f", "toolCallId": "t", "state": "output-available", "input": {}, "output": 1}
    frame = read(**{**SEND, "messages": [*MESSAGES, {"id": "a1", "role": "assistant", "parts": [part]}]})
    assert isinstance(frame, Send)
    assert (frame.request.conversation_id, frame.request.client_message_id) == (None, None)
    start = make_batch(0, [e.RunStarted(run_id="r", message_id="m", model="x", provider="p")])
    (chunk,) = ChunkFrames("r", context(parameters=frame.switches)).encode(start)
    assert "messageId" not in json.loads(chunk)["chunk"]


def test_a_send_without_body_and_a_binary_frame_are_read():
    frame = read_frame(json.dumps({**SEND, "body": None}).encode())
    assert isinstance(frame, Send)
    assert frame.request.model is None


def test_a_resume_says_what_was_seen():
    assert read(type="resume", requestId="r", id="c1") == Resume(request_id="r", conversation_id="c1")
    seen = read(type="resume", requestId="r", id="c1", lastSequence=7)
    assert seen == Resume(request_id="r", conversation_id="c1", last_sequence=7)


def test_an_abort_stops_only_when_it_says_so():
    assert read(type="abort", requestId="r") == Abort(request_id="r", is_stop=False)
    assert read(type="abort", requestId="r", stop=True) == Abort(request_id="r", is_stop=True)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"requestId": "r1"}, "type"),
        ({"type": "shout", "requestId": "r1"}, "type"),
        ({"type": "abort", "requestId": "r1", "stop": "yes"}, "stop"),
        ({"type": "resume", "requestId": "r1"}, "id"),
        ({"type": "resume", "requestId": "r1", "id": "no/such"}, "id"),
        ({"type": "resume", "requestId": "r1", "id": "c1", "lastSequence": -1}, "lastSequence"),
        ({**SEND, "messages": []}, "messages"),
        ({**SEND, "messages": [{"role": "user"}]}, "messages[0].parts"),
        ({**SEND, "trigger": "again"}, "trigger"),
        ({**SEND, "body": [1]}, "body"),
    ],
)
def test_a_bad_frame_names_its_field_to_its_request(fields: dict[str, Any], field: str):
    assert fault(**fields) == ("r1", field)


def test_a_frame_without_a_request_is_answered_to_none():
    assert fault(type="abort") == ("", "requestId")
    assert fault(type="abort", requestId=7) == ("", "requestId")


@pytest.mark.parametrize("frame", ["", "no JSON", "[]", "7", b"\xff\xfe", "[" * 100_000])
def test_what_is_no_object_is_refused(frame: str | bytes):
    read = read_frame(frame)
    assert isinstance(read, Unreadable)
    assert (read.request_id, read.error.code) == ("", "invalid_json")


@few
@given(st.dictionaries(st.sampled_from([*SEND, "lastSequence", "stop"]), json_values))
def test_no_frame_is_more_than_refused(fields: dict[str, Any]):
    assert isinstance(read(**{**SEND, **fields}), Send | Resume | Abort | Unreadable)


@few
@given(log=whole_logs())
def test_the_chunks_are_those_of_the_stream_numbered_from_0(log: list[e.Event]):
    parameters = {"dialect": "7"}
    frames = ChunkFrames("r 1", context(parameters=parameters)).encode(make_batch(0, log))
    read = [json.loads(frame) for frame in frames]
    assert [frame["chunk"] for frame in read] == read_objects(encode(DIALECT, log, parameters=parameters))
    assert [frame["sequence"] for frame in read] == list(range(len(read)))
    assert {(frame["type"], frame["requestId"]) for frame in read} <= {("chunk", "r 1")}


@few
@given(log=whole_logs(), last_sequence=st.integers(-1, 40))
def test_a_resume_goes_on_behind_what_was_seen(log: list[e.Event], last_sequence: int):
    whole = ChunkFrames("r", context()).encode(make_batch(0, log))
    rest = ChunkFrames("r", context(), last_sequence=last_sequence)
    pieces = [frame for seq, event in enumerate(log) for frame in rest.encode(make_batch(seq, [event]))]
    assert pieces == whole[last_sequence + 1 :]
    assert f"last_sequence={last_sequence}" in repr(rest)


def test_without_a_dialect_every_version_with_a_socket_can_read_it():
    """Such versions know reasons and resets; the reason ``interrupted`` came later."""
    start = e.RunStarted(run_id="r", message_id="m", model="x", provider="p")
    finished = ChunkFrames("r", context()).encode(make_batch(0, [start, e.RunFinished(finish_reason="stop")]))
    assert json.loads(finished[-1])["chunk"]["finishReason"] == "stop"
    cut = ChunkFrames("r", context()).encode(make_batch(0, [start, e.RunInterrupted(cause="upstream-eof")]))
    assert json.loads(cut[-1])["chunk"]["type"] == "error"


def test_what_stands_around_the_chunks_names_its_request():
    assert json.loads(write_start("r")) == {"type": "start", "requestId": "r"}
    assert json.loads(write_end("r")) == {"type": "end", "requestId": "r"}
    assert json.loads(write_no_active("r")) == {"type": "no-active", "requestId": "r"}
    error = json.loads(write_error("r", GoneError("It is gone.", field="id")))
    told = {"type": "error", "requestId": "r", "errorText": "It is gone.", "code": "gone", "field": "id"}
    assert error == told
