"""The whole form of the ``openai`` wire has what its chunks have."""

from __future__ import annotations

import json

from hypothesis import given

from penstock.core import events as e
from penstock.core.log import make_batch
from penstock.wire import openai
from penstock.wire.openai_whole import DIALECT
from support.wire_logs import context, encode, few, has_parts_at_once, whole_logs
from support.wire_readers import read_openai


@few
@given(log=whole_logs(may_void=False))
def test_the_document_is_the_chunks_put_together(log: list[e.Event]):
    chunks = read_openai(encode(openai.DIALECT, log, parameters={"include_usage": "1"}))
    document = json.loads(encode(DIALECT, log))
    if chunks.error is not None:
        assert document == {"error": chunks.error}
        return
    (choice,) = document["choices"]
    assert choice["finish_reason"] == chunks.finish_reason
    assert document.get("usage") == chunks.usage
    calls = choice["message"].get("tool_calls", [])
    assert [call["id"] for call in calls] == [call["id"] for call in chunks.calls]
    if not has_parts_at_once(log):
        assert (choice["message"]["content"] or "") == chunks.content
        assert (choice["message"]["refusal"] or "") == chunks.refusal


@few
@given(log=whole_logs())
def test_only_a_finished_answer_is_a_200(log: list[e.Event]):
    encoder = DIALECT.open(context())
    for seq, event in enumerate(log):
        encoder.encode(make_batch(seq, [event]))
    assert (encoder.status == 200) == isinstance(log[-1], e.RunFinished)
