"""What clients of the AI Chat Protocol get back beside the words."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.core import events as e
from penstock.core.errors import CallerError
from penstock.wire.session import Findings, give_back, is_demo, is_session, read_switches
from support.wire_logs import context


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"messages": [], "session_state": None}, (True, True)),
        ({"messages": [], "sessionState": {"a": 1}}, (True, False)),
        ({"messages": [], "context": {"overrides": {}}}, (True, False)),
        ({"messages": [], "context": "see"}, (False, False)),
        ({"input": [], "context": {}}, (False, False)),
        ({"messages": []}, (False, False)),
    ],
)
def test_the_body_tells_the_flavour(body: dict[str, Any], expected: tuple[bool, bool]):
    assert (is_session(body), is_demo(context(parameters=read_switches(body)))) == expected


@pytest.mark.parametrize("state", [{"session_state": None}, {"sessionState": [1, {"a": "ü"}]}, {}])
def test_the_state_goes_back_as_it_came(state: dict[str, Any]):
    assert give_back(context(parameters=read_switches(state | {"messages": []}))) == state


def test_a_state_that_can_t_be_written_is_refused_by_its_name():
    with pytest.raises(CallerError) as caught:
        read_switches({"sessionState": "\ud83d"})
    assert caught.value.field == "sessionState"


def test_findings_of_a_step_that_was_reset_are_dropped_but_its_stages_stay():
    findings = Findings()
    findings.feed(e.Source(source_id="s1", kind="document"))
    findings.start_step()
    findings.feed(e.Source(source_id="s2", kind="url", url="https://example.org"))
    findings.feed(e.Data(name="thoughts", value=[1]))
    findings.feed(e.Progress(stage="searching", state="failed"))
    findings.reset_step()
    assert findings.describe() == {
        "data_points": {"text": ["s1: s1"], "images": [], "citations": ["s1"]},
        "thoughts": [{"title": "searching", "description": None, "props": {"state": "failed"}}],
    }


def test_only_values_by_the_context_s_own_names_are_findings():
    findings = Findings()
    assert findings.feed(e.Data(name="followup_questions", value=["Why?"]))
    assert not findings.feed(e.Data(name="chart", value=1))
    assert findings.describe()["followup_questions"] == ["Why?"]
    assert "chart" not in findings.describe()
    assert repr(findings) == "Findings(sources=0, stages=[], named=['followup_questions'])"
