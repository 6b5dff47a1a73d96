"""The decoder of the Responses API: every case of ``spec/responses``, however its bytes are cut and taken over."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.core import events as e
from penstock.core.errors import PenstockError
from penstock.core.order import Order
from penstock.providers.error_shapes import Service
from penstock.providers.responses_events import ResponseDecoder, SavedDecoder
from support.decoding import join
from support.spec_cases import read_cases

CASES = read_cases("responses")
SERVICE = Service("The service", "model", ("secret-key",))


def decode(*pieces: bytes) -> tuple[list[e.Event], PenstockError | None]:
    decoder = ResponseDecoder(SERVICE)
    events = [event for piece in pieces for event in decoder.feed(piece)]
    events += decoder.end()
    order = Order()
    order.accept(e.RunStarted(run_id="r", message_id="m", model="m", provider="p"))
    for event in events:
        order.accept(event)
    return events, decoder.error


def check(case: dict[str, Any], events: list[e.Event], error: PenstockError | None) -> None:
    assert join(events) == case["events"]
    found = None if error is None else {"code": error.code, "is_retryable": error.is_retryable}
    assert found == case.get("error")
    assert error is None or "secret-key" not in error.message


def bytes_of(case: dict[str, Any]) -> bytes:
    return "".join(case["bytes"]).encode()


@pytest.mark.parametrize("case", CASES)
def test_the_case_holds(case: dict[str, Any]):
    check(case, *decode(bytes_of(case)))
    check(case, *decode(*(piece.encode() for piece in case["bytes"])))


@pytest.mark.parametrize("case", CASES)
def test_the_case_holds_byte_by_byte(case: dict[str, Any]):
    check(case, *decode(*(bytes([byte]) for byte in bytes_of(case))))


@pytest.mark.parametrize("case", CASES)
def test_a_stream_that_ends_anywhere_before_its_proof_is_never_whole(case: dict[str, Any]):
    for count in range(len(case["bytes"])):
        events, error = decode(*(piece.encode() for piece in case["bytes"][:count]))
        assert (error is None) == any(isinstance(event, e.StepFinished) for event in events)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_split_gives_the_same(data: st.DataObject):
    case: Any = data.draw(st.sampled_from([parameter.values[0] for parameter in CASES]))
    raw = bytes_of(case)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=6)))
    check(case, *decode(*(raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True))))


@pytest.mark.parametrize("case", CASES)
def test_another_takes_over_behind_any_event_without_loss_or_doubling(case: dict[str, Any]):
    """It is told of all that it lost by the first, again from the start: what repeats is passed over.

    But for a call that the service never says to have ended: its arguments before the take-over are not known then.
    """
    pieces = [piece.encode() for piece in case["bytes"]]
    for count in range(1, len(pieces)):
        first = ResponseDecoder(SERVICE)
        events = [event for piece in pieces[:count] for event in first.feed(piece)]
        if first.is_done or not first.response_id or "never ended" in case["name"]:
            continue
        token = msgspec.json.encode(first.save())
        second = ResponseDecoder.restore(SERVICE, msgspec.json.decode(token, type=SavedDecoder))
        assert second.has_content
        events += [event for piece in pieces for event in second.feed(piece)]
        events += second.end()
        check(case, events, second.error)


def test_nothing_comes_behind_the_end():
    decoder = ResponseDecoder(SERVICE)
    decoder.feed(b'data: {"type":"response.completed","sequence_number":0,"response":{"id":"r"}}\n\n')
    assert decoder.is_finished
    assert decoder.feed(b'data: {"type":"response.output_text.delta","delta":"x"}\n\n') == ()
    assert decoder.end() == ()
    assert decoder.error is None


def test_an_event_that_never_ends_is_given_up():
    decoder = ResponseDecoder(SERVICE)
    decoder.feed(b"data: " + b"x" * (17 * 1024 * 1024))
    assert decoder.error is not None
    assert decoder.error.code == "bad_response"
