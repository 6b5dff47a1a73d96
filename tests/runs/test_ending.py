"""What the end of a run writes."""

from __future__ import annotations

import pytest

from penstock.core import events as e
from penstock.core.messages import Run, TextPart
from penstock.core.requests import InputMessage, ModelRequest
from penstock.core.storage import Ending
from penstock.runs.ending import Bill, make_ending, status_of
from penstock.runs.transcript import Transcript
from runs.scripted import FINISHED, STARTED, TEXT, TEXT_ENDED, WordAccountant, delta

RUN = Run(id="r", owner="ann", conversation_id="c", message_id="a1", parent_id="u1", model="m", created_at=1)
PROMPT = ModelRequest(model="m", messages=(InputMessage(role="user", parts=(TextPart(text="one two three"),)),))


def ended(
    *events: e.Event, terminal: e.Terminal | None = None, was_sent: bool = True, prompt: ModelRequest | None = PROMPT
) -> Ending:
    """End a run in which this happened."""
    transcript = Transcript()
    transcript.open(e.RunStarted(run_id="r", message_id="a1", model="m", provider="p", conversation_id="c"))
    assert transcript.write(events)[1] is None if events else True
    bill = Bill(accountant=WordAccountant(), provider="p", prompt=prompt, was_sent=was_sent)
    return make_ending(RUN, transcript, terminal or e.RunStopped(by="user"), bill=bill, at=5)


def usage_of(ending: Ending) -> e.Usage | None:
    return next((event for event in ending.last_batch.events if isinstance(event, e.Usage)), None)


@pytest.mark.parametrize(
    ("terminal", "status"),
    [
        (e.RunFinished(finish_reason="stop"), "finished"),
        (e.RunFailed(code="x", message="y"), "failed"),
        (e.RunStopped(by="budget"), "stopped"),
        (e.RunInterrupted(cause="upstream-eof"), "interrupted"),
    ],
)
def test_the_terminal_decides_the_status(terminal: e.Terminal, status: str):
    assert status_of(terminal) == status


def test_the_message_is_the_fold_of_the_log():
    ending = ended(STARTED, TEXT, delta("a"), TEXT_ENDED, FINISHED, terminal=e.RunFinished(finish_reason="stop"))
    message = ending.message
    assert message is not None
    assert (message.id, message.parent_id, message.text, message.status) == ("a1", "u1", "a", "finished")
    assert (message.usage, message.cost, message.finish_reason) == (ending.folded.usage, ending.folded.cost, "stop")


def test_nothing_is_invented_for_a_call_that_never_went_out():
    assert usage_of(ended(was_sent=False)) is None


def test_the_prompt_of_a_call_that_went_out_is_counted():
    usage = usage_of(ended())
    assert usage is not None
    assert (usage.input, usage.output, usage.source) == (3, 0, "estimated")


def test_a_figure_that_the_service_gave_too_early_is_completed_and_labelled():
    usage = usage_of(ended(STARTED, e.Usage(input=50, output=1, cached=40), TEXT, delta("four words of text")))
    assert usage is not None
    assert (usage.input, usage.output, usage.total, usage.cached) == (50, 4, 54, 40)
    assert usage.source == "estimated"


def test_a_figure_that_the_service_gave_last_stands():
    usage = usage_of(ended(STARTED, TEXT, delta("four words of text"), e.Usage(input=50, output=9)))
    assert usage is not None
    assert (usage.input, usage.output, usage.source) == (50, 9, "provider")


def test_without_the_prompt_the_tokens_are_a_lower_bound():
    usage = usage_of(ended(STARTED, TEXT, delta("two words"), prompt=None, was_sent=False))
    assert usage is not None
    assert (usage.input, usage.output, usage.total, usage.source) == (None, 2, None, "lower_bound")


def test_a_defect_in_the_prices_does_not_cost_the_answer_its_end(caplog: pytest.LogCaptureFixture):
    transcript = Transcript()
    transcript.open(e.RunStarted(run_id="r", message_id="a1", model="m", provider="p"))
    accountant = WordAccountant()
    accountant.error = ZeroDivisionError()
    bill = Bill(accountant=accountant, provider="p", prompt=PROMPT, was_sent=True)
    ending = make_ending(RUN, transcript, e.RunStopped(by="user"), bill=bill, at=5)
    assert ending.last_batch.is_terminal
    assert "could not be worked out" in caplog.text
