"""What the page of Azure's DeepSeek sample relies on."""

from __future__ import annotations

import json

from hypothesis import given

from penstock.core import events as e
from penstock.core.fold import fold
from penstock.wire.choices import DIALECT
from support.wire_logs import encode, few, whole_logs


@few
@given(log=whole_logs())
def test_no_line_is_passed_over_and_an_error_is_a_sentence(log: list[e.Event]):
    """The page looks at ``error`` only in lines that have a ``delta``."""
    *before, last = [json.loads(line) for line in encode(DIALECT, log).splitlines()]
    assert all(isinstance(choice["delta"], dict) for choice in [*before, last])
    assert not any("error" in choice for choice in before)
    assert isinstance(last.get("error", ""), str)


@few
@given(log=whole_logs())
def test_only_the_last_line_of_a_finished_answer_has_a_finish_reason(log: list[e.Event]):
    *before, last = [json.loads(line) for line in encode(DIALECT, log).splitlines()]
    assert all(choice["finish_reason"] is None for choice in before)
    if last["finish_reason"] is not None:
        assert fold(log).status == "finished"
