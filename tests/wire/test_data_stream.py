"""What the AI SDK 4 relies on; its client throws where these tests would fail."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from penstock.core import events as e
from penstock.wire.data_stream import DIALECT
from support.wire_folds import read_data_stream
from support.wire_logs import encode, few, whole_logs

MESSAGE = {"role": "user", "content": "Hi"}


@few
@given(log=whole_logs())
def test_the_client_reads_any_answer_to_its_end(log: list[e.Event]):
    said = read_data_stream([encode(DIALECT, log)])
    assert len(said.endings) == 1
    if said.endings[0].startswith("finished"):
        assert isinstance(log[-1], e.RunFinished)


@few
@given(log=whole_logs())
def test_a_token_count_is_there_when_both_are_known_since_the_client_makes_nan_of_half(log: list[e.Event]):
    last = encode(DIALECT, log).splitlines()[-1].decode()
    if last.startswith("d:"):
        assert set(json.loads(last[2:]).get("usage", {})) in (set(), {"promptTokens", "completionTokens"})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"messages": [MESSAGE | {"parts": []}]}, True),
        ({"messages": [MESSAGE | {"experimental_attachments": []}]}, True),
        ({"messages": [MESSAGE, {"role": "assistant", "content": "", "toolInvocations": []}]}, True),
        ({"messages": [MESSAGE]}, False),
        ({"messages": [{"role": "user", "parts": []}]}, False),
        ({"messages": [MESSAGE | {"parts": []}], "trigger": "submit-message"}, False),
        ({"messages": "Hi"}, False),
        ({"messages": ["Hi"]}, False),
    ],
)
def test_its_bodies_are_recognised(body: dict[str, Any], expected: bool):
    assert DIALECT.recognise(body) is expected
