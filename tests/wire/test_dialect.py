"""What holds for every wire: its cases, and that an answer is the same bytes however it was fed and resumed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given

from penstock.core import events as e
from penstock.core.log import make_batch
from penstock.wire.dialect import Dialect, StreamContext
from support.spec_cases import read_cases
from support.wire_logs import FORMS, context, few, whole_logs

CASES = [
    pytest.param(name, *parameter.values, id=f"{name}-{parameter.id}")
    for name in FORMS
    for parameter in read_cases(f"wire/{name}")
]


def read(case: dict[str, Any]) -> tuple[StreamContext, list[e.Event]]:
    return msgspec.convert(case["context"], StreamContext), msgspec.convert(case["events"], list[e.Event])


@pytest.mark.parametrize(("name", "case"), CASES)
def test_the_case_holds(name: str, case: dict[str, Any]):
    stream_context, log = read(case)
    encoder = FORMS[name].open(stream_context)
    assert encoder.encode(make_batch(0, log)).decode() == case["bytes"]
    assert encoder.status == case.get("status", 200)
    assert encoder.must_cut == case.get("must_cut", False)


@pytest.mark.parametrize(("name", "case"), CASES)
def test_the_case_holds_event_by_event(name: str, case: dict[str, Any]):
    stream_context, log = read(case)
    encoder = FORMS[name].open(stream_context)
    answer = b"".join(encoder.encode(make_batch(seq, [event])) for seq, event in enumerate(log))
    assert answer.decode() == case["bytes"]
    assert encoder.must_cut == case.get("must_cut", False)


@pytest.mark.parametrize(("name", "case"), CASES)
def test_the_case_is_resumed_at_every_offset_without_loss(name: str, case: dict[str, Any]):
    """What was fed to catch up is thrown away; the rest follows on what the first reader had."""
    stream_context, log = read(case)
    whole = make_batch(0, log)
    for seq in range(len(log)):
        head = make_batch(0, log[: seq + 1])
        first = FORMS[name].open(stream_context).encode(head)
        second = FORMS[name].open(stream_context)
        second.encode(head)
        rest = second.encode(whole.after(seq)) if seq + 1 < len(log) else b""
        assert (first + rest).decode() == case["bytes"]


@pytest.mark.parametrize("dialect", FORMS.values(), ids=FORMS)
@few
@given(log=whole_logs())
def test_no_legal_log_breaks_a_wire(dialect: Dialect, log: list[e.Event]):
    whole = dialect.open(context()).encode(make_batch(0, log))
    encoder = dialect.open(context())
    assert b"".join(encoder.encode(make_batch(seq, [event])) for seq, event in enumerate(log)) == whole


@pytest.mark.parametrize("dialect", FORMS.values(), ids=FORMS)
def test_a_heartbeat_says_nothing(dialect: Dialect):
    """SSE allows comments, lines may be empty; text and whole JSON allow nothing."""
    expected = {"text/event-stream": b": keep-alive\n\n", "application/x-ndjson": b"\n"}.get(dialect.media_type, b"")
    assert dialect.heartbeat == (b"\n" if dialect.name == "data-stream" else expected)
