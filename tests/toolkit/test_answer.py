"""What came of an answer."""

from __future__ import annotations

import pytest

from penstock.core import events as e
from penstock.core.messages import FoldedMessage
from penstock.toolkit.answer import Answer, AnswerError
from penstock.toolkit.collector import Collector

START = e.RunStarted(run_id="run-1", message_id="msg-1", model="m", provider="p")


def fold(*events: e.Event) -> Answer:
    collector = Collector()
    collector.feed_all((START, e.StepStarted(index=0, model="m-2026"), *events))
    return collector.answer


def test_each_kind_of_part_has_its_place():
    answer = fold(
        e.ReasoningStarted(part_id="r"),
        e.ReasoningDelta(part_id="r", text="Hm."),
        e.ReasoningEnded(part_id="r"),
        e.Source(source_id="s", kind="document", title="Handbook"),
        e.RefusalStarted(part_id="n"),
        e.RefusalDelta(part_id="n", text="No."),
        e.RefusalEnded(part_id="n"),
        e.ToolCallStarted(tool_call_id="c", name="look"),
        e.ToolCallReady(tool_call_id="c", name="look", input={"at": 1}),
        e.StepFinished(index=0, finish_reason="tool-calls"),
        e.Usage(input=1, output=2),
        e.RunFinished(finish_reason="tool-calls"),
    )

    assert (answer.text, answer.reasoning, answer.refusal) == ("", "Hm.", "No.")
    assert [call.input for call in answer.tool_calls] == [{"at": 1}]
    assert [source.title for source in answer.sources] == ["Handbook"]
    assert (answer.status, answer.finish_reason, answer.model) == ("finished", "tool-calls", "m-2026")
    assert answer.usage is not None
    assert (answer.usage.input, answer.usage.output) == (1, 2)
    assert answer.raise_for_status() is answer


@pytest.mark.parametrize(
    ("terminal", "code"),
    [
        (e.RunFailed(code="rate_limited", message="Too fast.", retryable=True, retry_after_s=2), "rate_limited"),
        (e.RunInterrupted(cause="upstream-eof"), "upstream_eof"),
        (e.RunStopped(by="timeout"), "stopped_by_timeout"),
    ],
)
def test_what_is_not_whole_has_an_error_that_keeps_the_part(terminal: e.Terminal, code: str):
    answer = fold(e.TextStarted(part_id="t"), e.TextDelta(part_id="t", text="half"), e.TextEnded(part_id="t"), terminal)

    with pytest.raises(AnswerError) as caught:
        answer.raise_for_status()

    assert caught.value.code == code
    assert caught.value.answer.text == "half"
    assert caught.value.is_retryable == (code != "stopped_by_timeout")
    assert caught.value.retry_after_s == (2 if code == "rate_limited" else None)


def test_what_its_reader_stopped_is_no_error():
    assert fold(e.RunStopped(by="user")).error is None


def test_what_is_still_made_is_no_error():
    assert Answer(message=FoldedMessage()).error is None
