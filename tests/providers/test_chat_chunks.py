"""The decoder of chat completions: every case of ``spec/providers``, however its bytes are cut."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.core import events as e
from penstock.core.errors import PenstockError
from penstock.core.order import Order
from penstock.providers.chat_chunks import ChatChunkDecoder
from penstock.providers.error_shapes import Service
from support.decoding import join

CASES = {path.stem: json.loads(path.read_text()) for path in sorted(Path("spec/providers").glob("*.json"))}
SERVICE = Service("The service", "model", ("secret-key",))

Outcome = tuple[list[dict[str, Any]], dict[str, Any] | None]


def decode(*pieces: bytes) -> tuple[list[e.Event], PenstockError | None]:
    """Decode the pieces, checking that the events come in legal order."""
    decoder = ChatChunkDecoder(SERVICE)
    events = [event for piece in pieces for event in decoder.feed(piece)]
    events += decoder.end()
    order = Order()
    order.accept(e.RunStarted(run_id="r", message_id="m", model="m", provider="p"))
    for event in events:
        order.accept(event)
    return events, decoder.error


def outcome(*pieces: bytes) -> Outcome:
    events, error = decode(*pieces)
    return join(events), None if error is None else {"code": error.code, "is_retryable": error.is_retryable}


def check(case: dict[str, Any], found: Outcome) -> None:
    events, error = found
    assert events == case["events"]
    wanted = case.get("error")
    assert (error is None) == (wanted is None)
    for name, value in (wanted or {}).items():
        assert error is not None
        assert error[name] == value


def whole(case: dict[str, Any]) -> bytes:
    return "".join(case["bytes"]).encode()


@pytest.mark.parametrize("name", CASES)
def test_a_case_decodes_in_one_read(name: str):
    check(CASES[name], outcome(whole(CASES[name])))


@pytest.mark.parametrize("name", CASES)
def test_a_case_decodes_event_by_event(name: str):
    check(CASES[name], outcome(*(piece.encode() for piece in CASES[name]["bytes"])))


@pytest.mark.parametrize("name", CASES)
def test_a_case_decodes_byte_by_byte(name: str):
    check(CASES[name], outcome(*(bytes([byte]) for byte in whole(CASES[name]))))


@pytest.mark.parametrize("name", CASES)
def test_a_case_decodes_the_same_cut_in_two_anywhere(name: str):
    data = whole(CASES[name])
    for place in range(len(data) + 1):
        check(CASES[name], outcome(data[:place], data[place:]))


@settings(max_examples=200)
@given(name=st.sampled_from(sorted(CASES)), cuts=st.lists(st.integers(0, 10_000), max_size=8))
def test_a_case_decodes_the_same_cut_in_many_anywhere(name: str, cuts: list[int]):
    data = whole(CASES[name])
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    check(CASES[name], outcome(*(data[places[i] : places[i + 1]] for i in range(len(places) - 1))))


def _chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + json.dumps({"id": "c", "model": "m", "choices": [choice]}).encode() + b"\n\n"


def test_one_read_of_many_tokens_is_one_delta():
    events, _ = decode(_chunk({"content": "a"}), b"".join(_chunk({"content": f" {n}"}) for n in range(32)))
    deltas = [event.text for event in events if isinstance(event, e.TextDelta)]
    assert deltas == ["a", "".join(f" {n}" for n in range(32))]


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=[]), max_size=4), max_size=8))
def test_any_text_comes_out_valid_and_whole(texts: list[str]):
    """Surrogates of any kind come in; what comes out is what UTF-16 means, with U+FFFD for lone halves."""
    data = b"".join(_chunk({"content": text}) for text in ["x", *texts])
    events, error = decode(data, _chunk({}, "stop"))
    assert error is None
    text = "".join(event.text for event in events if isinstance(event, e.TextDelta))
    assert text == "x" + "".join(texts).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    for event in events:
        e.decode_event(e.encode_event(event))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=[]), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *[
                        "choices",
                        "delta",
                        "content",
                        "index",
                        "finish_reason",
                        "usage",
                        "error",
                        "model",
                        "id",
                        "tool_calls",
                    ],
                    *[
                        "function",
                        "name",
                        "arguments",
                        "content_filter_results",
                        "content_filter_offsets",
                        "check_offset",
                    ],
                    *[
                        "prompt_filter_results",
                        "text",
                        "reasoning",
                        "refusal",
                        "message",
                        "filtered",
                        "innererror",
                        "code",
                    ],
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(st.lists(_json, max_size=4), st.booleans())
def test_any_json_gives_legal_events_that_can_be_kept(values: list[Any], is_wrapped: bool):
    """A service may send what it likes: the decoder never fails with anything but its own errors."""
    payloads = [
        {"choices": [{"index": 0, "delta": value, "finish_reason": None}]} if is_wrapped else value for value in values
    ]
    data = b"".join(b"data: " + json.dumps(payload).encode() + b"\n\n" for payload in payloads)
    events, _ = decode(_chunk({"content": "a"}), data, _chunk({}, "stop"))
    for event in events:
        e.decode_event(e.encode_event(event))


@given(st.binary(max_size=200))
def test_any_bytes_give_legal_events_or_an_error(data: bytes):
    decode(_chunk({"content": "a"}), b"data: " + data, b"\n\n")


@pytest.mark.parametrize("depth", [500, 100_000])
def test_json_nested_without_end_is_refused(depth: int):
    _, error = decode(_chunk({"content": "a"}), b"data: " + b'{"a":' * depth + b"\n\n")
    assert error is not None
    assert error.code == "bad_response"


def test_deep_unknown_fields_are_cut_so_that_they_can_be_kept():
    deep = b'{"a":' * 200 + b"1" + b"}" * 200
    chunk = b'data: {"model":"m","deep":' + deep + b',"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'
    events, _ = decode(chunk)
    assert len(e.encode_event(events[0])) < 1000


def test_an_endless_event_fails_the_answer_and_keeps_its_text():
    decoder = ChatChunkDecoder(SERVICE, max_event_bytes=1000)
    decoder.feed(_chunk({"content": "a"}))
    events = decoder.feed(b"data: " + b"x" * 2000)
    assert events == ()
    assert decoder.is_done
    assert decoder.error is not None
    assert decoder.error.code == "bad_response"


def test_nothing_is_read_after_the_end():
    decoder = ChatChunkDecoder(SERVICE)
    decoder.feed(_chunk({"content": "a"}, "stop") + b"data: [DONE]\n\n")
    assert decoder.is_done
    assert decoder.feed(_chunk({"content": "b"})) == ()
    assert decoder.end() == ()
    assert decoder.error is None
