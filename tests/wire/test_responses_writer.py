"""The events of a response, as a typed client of OpenAI's Responses API reads them."""

from __future__ import annotations

from hypothesis import given

from penstock.core import events as e
from penstock.core.fold import fold
from penstock.wire.responses_items import Item
from penstock.wire.responses_writer import Writer
from support.wire_logs import context, few, whole_logs

START = e.RunStarted(run_id="r", message_id="m", model="x", provider="p")


@few
@given(log=whole_logs())
def test_every_event_of_a_run_has_its_words_and_the_last_says_how_it_ended(log: list[e.Event]):
    writer = Writer(context())
    kinds = [kind for event in log for kind, _ in writer.write(event)]
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds[-1] in {"response.completed", "response.incomplete", "response.failed"}
    assert kinds[-1] != "response.completed" or fold(log).status == "finished"
    assert writer.ending is not None


def test_a_part_of_a_broken_answer_is_not_called_complete():
    log = [
        START,
        e.StepStarted(index=0),
        e.TextStarted(part_id="a"),
        e.TextDelta(part_id="a", text="Whole."),
        e.TextEnded(part_id="a"),
        e.TextStarted(part_id="b"),
        e.TextDelta(part_id="b", text="Half"),
        e.TextEnded(part_id="b"),
        e.RunInterrupted(cause="upstream-eof"),
    ]
    writer = Writer(context())
    for event in log:
        writer.write(event)
    assert writer.ending is not None
    assert [item["status"] for item in writer.ending[1]["output"]] == ["completed", "incomplete"]


def test_a_stage_is_told_at_once():
    writer = Writer(context())
    writer.write(START)
    ((kind, payload),) = writer.write(e.Progress(stage="searching", state="started"))
    assert kind == "response.context"
    assert b'"title":"searching"' in payload


def test_a_value_for_the_context_within_a_text_is_told_before_its_next_words_in_the_same_item():
    writer = Writer(context())
    for event in (START, e.StepStarted(index=0), e.TextStarted(part_id="a"), e.TextDelta(part_id="a", text="See ")):
        writer.write(event)
    assert not writer.write(e.Data(name="followup_questions", value=["And who?"]))
    (kind, told), (last, _) = writer.write(e.TextDelta(part_id="a", text="there."))
    assert (kind, last) == ("response.context", "response.output_text.delta")
    assert b"And who?" in told
    writer.write(e.TextEnded(part_id="a"))
    writer.write(e.RunInterrupted(cause="upstream-eof"))
    assert writer.ending is not None
    assert [item["content"][0]["text"] for item in writer.ending[1]["output"]] == ["See there."]


def test_a_page_found_after_its_text_has_closed_is_still_told():
    log = [
        START,
        e.StepStarted(index=0),
        e.TextStarted(part_id="a"),
        e.TextDelta(part_id="a", text="See."),
        e.TextEnded(part_id="a"),
        e.StepFinished(index=0, finish_reason="stop"),
    ]
    writer = Writer(context())
    for event in log:
        writer.write(event)
    ((kind, _),) = writer.write(e.Source(source_id="s", kind="url", url="https://example.org"))
    writer.write(e.RunFinished(finish_reason="stop"))
    assert kind == "response.output_text.annotation.added"
    assert writer.ending is not None
    assert writer.ending[1]["output"][0]["content"][0]["annotations"] == [
        {"type": "url_citation", "url": "https://example.org"}
    ]


def test_they_show_how_far_they_are():
    writer = Writer(context())
    writer.write(START)
    assert repr(writer) == "Writer(number=2, items=0)"
    assert repr(Item("text", 3, run_id="r")) == "Item('text', 3, status='in_progress')"
