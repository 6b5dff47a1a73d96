"""The ``json`` wire says in one object, and in its status, what the whole log means."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from penstock.core import events as e
from penstock.core.fold import fold
from penstock.core.log import make_batch
from penstock.wire.whole_document import Document
from penstock.wire.whole_json import DIALECT
from support.legal_logs import legal_logs
from support.wire_logs import context, few, last_usage, whole_logs


@few
@given(log=whole_logs())
def test_the_document_is_the_folded_log(log: list[e.Event]):
    document = json.loads(DIALECT.open(context()).encode(make_batch(0, log)))
    folded = fold(log)
    assert document["message"]["content"] == folded.text
    usage = last_usage(log)
    assert document.get("usage", {}).get("completion_tokens") == (None if usage is None else usage.output)
    assert document.get("run_status", document["status"]) == folded.status


@few
@given(log=whole_logs())
def test_only_a_finished_answer_is_a_success(log: list[e.Event]):
    encoder = DIALECT.open(context())
    document = json.loads(encoder.encode(make_batch(0, log)))
    assert (encoder.status == 200) == isinstance(log[-1], e.RunFinished)
    assert encoder.status == 200 or document["status"] == encoder.status


@few
@given(log=legal_logs())
def test_nothing_is_sent_before_the_end(log: list[e.Event]):
    running = [event for event in log if not isinstance(event, e.Terminal)]
    if running:
        assert DIALECT.open(context()).encode(make_batch(0, running)) == b""


@pytest.mark.parametrize(
    ("code", "status"),
    [("rate_limited", 429), ("content_filter", 400), ("timeout", 504), ("overloaded", 503), ("authentication", 502)],
)
def test_a_failure_has_the_status_of_its_code(code: str, status: int):
    encoder = DIALECT.open(context())
    start = e.RunStarted(run_id="r", message_id="m", model="x", provider="p")
    encoder.encode(make_batch(0, [start, e.RunFailed(code=code, message="No.")]))
    assert encoder.status == status


def test_a_body_that_asks_not_to_stream_is_recognised():
    assert DIALECT.recognise({"stream": False})
    assert not DIALECT.recognise({"stream": True})
    assert not DIALECT.recognise({"stream": 0})
    assert not DIALECT.recognise({})


def test_a_document_shows_how_far_it_is():
    document = Document(context())
    document.feed(e.RunStarted(run_id="r", message_id="m", model="x", provider="p"))
    assert repr(document) == "Document(status=200, Folder(status='running', parts=0))"
