"""One run's log as it is written."""

from __future__ import annotations

from penstock.core import events as e
from penstock.core.errors import ProtocolError
from penstock.core.fold import fold
from penstock.core.log import Batch, make_batch
from penstock.runs.transcript import Transcript
from runs.scripted import FINISHED, STARTED, TEXT, TEXT_ENDED, delta

BEGUN = e.RunStarted(run_id="r", message_id="m", model="x", provider="p")


def begun() -> Transcript:
    transcript = Transcript()
    assert transcript.open(BEGUN).first_seq == 0
    return transcript


def test_offsets_have_no_gap_and_the_fold_keeps_step():
    transcript = begun()
    first, _ = transcript.write((STARTED, TEXT))
    second, _ = transcript.write((delta("a"), delta("b")))
    assert first is not None
    assert second is not None
    assert (first.first_seq, second.first_seq, transcript.next_seq) == (1, 3, 5)
    last = transcript.end(None, e.RunStopped(by="user"))
    log = [BEGUN, *first.events, *second.events, *last.events]
    assert fold(log) == transcript.message
    assert isinstance(log[-2], e.TextEnded)
    assert transcript.is_ended


def test_what_came_before_a_forbidden_event_is_still_written():
    transcript = begun()
    batch, error = transcript.write((STARTED, TEXT, delta("kept"), TEXT))
    assert isinstance(error, ProtocolError)
    assert batch is not None
    assert batch.events == (STARTED, TEXT, delta("kept"))
    assert transcript.next_seq == 4
    assert transcript.write((TEXT,))[0] is None


def test_the_service_may_not_speak_for_the_run():
    for event in (BEGUN, e.RunFinished(finish_reason="stop"), e.RunStopped(by="user")):
        transcript = begun()
        batch, error = transcript.write((event,))
        assert batch is None
        assert isinstance(error, ProtocolError)
        assert not transcript.is_ended


def test_completion_is_proven_by_the_last_step_only():
    transcript = begun()
    assert not transcript.is_complete
    transcript.write((STARTED, FINISHED))
    assert transcript.is_complete
    transcript.write((e.StepStarted(index=1),))
    assert not transcript.is_complete


def test_a_stream_that_is_over_is_finished_when_that_was_proven_and_else_interrupted():
    transcript = begun()
    assert transcript.conclude() == e.RunInterrupted(cause="upstream-eof")
    transcript.write((STARTED, e.StepFinished(index=0, finish_reason="length", raw="max_tokens")))
    assert transcript.conclude() == e.RunFinished(finish_reason="length", raw="max_tokens")
    transcript.write((e.StepStarted(index=1),))
    assert transcript.conclude() == e.RunInterrupted(cause="upstream-eof")


def test_a_usage_is_final_until_more_content_comes():
    transcript = begun()
    transcript.write((STARTED, TEXT, delta("a"), e.Usage(input=1)))
    assert transcript.is_usage_final
    transcript.write((delta("b"),))
    assert not transcript.is_usage_final


def kept() -> list[Batch]:
    return [make_batch(0, [BEGUN]), make_batch(1, [STARTED, TEXT]), make_batch(3, [delta("a"), delta("b")])]


def test_a_kept_log_is_taken_up_where_it_ends():
    transcript = Transcript()
    transcript.replay([*kept(), make_batch(5, [TEXT_ENDED])])
    assert (transcript.next_seq, transcript.message.text) == (6, "ab")


def test_nothing_behind_a_gap_is_taken():
    transcript = Transcript()
    transcript.replay([*kept(), make_batch(7, [TEXT_ENDED])])
    assert transcript.next_seq == 5


def test_a_batch_that_was_kept_twice_is_taken_once():
    transcript = Transcript()
    transcript.replay([*kept(), make_batch(3, [delta("a"), delta("b"), delta("c")])])
    assert transcript.message.text == "abc"
