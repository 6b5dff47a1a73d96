"""What an encoder notes for its ending, and how it judges an answer whose words became void."""

from __future__ import annotations

from penstock.core import events as e
from penstock.core.usage import Timings
from penstock.wire.account import Account
from support.wire_logs import context

FINISHED = e.RunFinished(finish_reason="stop", timings=Timings(total_ms=9.0))


def test_the_model_is_the_one_that_answered():
    account = Account(context(model="asked"))
    assert account.summarise(FINISHED)["model"] == "asked"
    account.start_step(e.StepStarted(index=0, model="answers"))
    account.start_step(e.StepStarted(index=1))
    assert account.summarise(FINISHED)["model"] == "answers"


def test_an_answer_whose_words_became_void_is_no_success():
    account = Account(context())
    account.start_step(e.StepStarted(index=0))
    account.has_words = True
    account.reset_step()
    account.start_step(e.StepStarted(index=1))
    judged = account.judge(FINISHED)
    assert isinstance(judged, e.RunFailed)
    assert (judged.code, judged.timings) == ("step_reset", FINISHED.timings)
    assert account.judge(e.RunStopped(by="user")) == e.RunStopped(by="user")


def test_a_reset_before_words_leaves_a_success_a_success():
    account = Account(context())
    account.start_step(e.StepStarted(index=0))
    account.has_words = True
    account.start_step(e.StepStarted(index=1))
    account.reset_step()
    assert account.judge(FINISHED) == FINISHED


def test_the_summary_has_what_is_known_and_no_null():
    account = Account(context(conversation_id="c1"))
    account.usage = e.Usage(input=3)
    assert account.summarise(FINISHED) == {
        "status": "finished",
        "finish_reason": "stop",
        "usage": {"prompt_tokens": 3, "source": "provider"},
        "timings": {"total_ms": 9.0},
        "model": "gpt",
        "run_id": "run_1",
        "message_id": "msg_1",
        "conversation_id": "c1",
    }


def test_it_shows_what_it_has_noted():
    assert repr(Account(context())) == "Account(model='gpt', usage=None, is_voided=False)"
