"""Legacy completions have the answer's words, and the honesty of the ``openai`` wire."""

from __future__ import annotations

import json

from hypothesis import given

from penstock.core import events as e
from penstock.core.log import make_batch
from penstock.wire.openai_text import DIALECT
from support.wire_logs import context, encode, few, whole_logs
from support.wire_readers import read_objects


@few
@given(log=whole_logs(may_void=False))
def test_the_words_are_the_log_s_in_both_forms(log: list[e.Event]):
    assert DIALECT.whole is not None
    words = "".join(event.text for event in log if isinstance(event, (e.TextDelta, e.RefusalDelta)))
    chunks = read_objects(encode(DIALECT, log))
    assert "".join(chunk["choices"][0]["text"] for chunk in chunks if "choices" in chunk) == words
    document = json.loads(encode(DIALECT.whole, log))
    if isinstance(log[-1], e.RunFinished):
        assert document["choices"][0]["text"] == words


@few
@given(log=whole_logs(may_void=False))
def test_only_a_finished_answer_has_a_reason_and_the_end_mark(log: list[e.Event]):
    assert DIALECT.whole is not None
    answer = encode(DIALECT, log)
    *_, last = read_objects(answer)
    is_finished = isinstance(log[-1], e.RunFinished)
    assert answer.endswith(b"data: [DONE]\n\n") == is_finished
    assert ("error" in last) == (not is_finished)
    whole = DIALECT.whole.open(context())
    whole.encode(make_batch(0, log))
    assert (whole.status == 200) == is_finished
