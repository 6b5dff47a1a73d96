"""How an answer is described."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from penstock.cli.answer_view import LiveView, PlainView, describe_end, describe_receipt
from penstock.core.events import RunStarted, StepStarted, TextDelta, TextStarted
from penstock.core.fold import Folder
from penstock.core.messages import FoldedMessage, TokenUsage
from penstock.core.usage import Cost, Timings
from penstock.runs.receipt import Receipt

EVENTS = (
    RunStarted(run_id="r", message_id="m", model="x", provider="p"),
    StepStarted(index=0),
    TextStarted(part_id="t"),
    TextDelta(part_id="t", text="some **bold** words"),
)


def folded() -> Folder:
    folder = Folder()
    for event in EVENTS:
        folder.feed(event)
    return folder


def test_a_pipe_gets_the_text_as_it_is(capsys: pytest.CaptureFixture[str]):
    with PlainView() as view:
        view.show(EVENTS, folded())
    assert capsys.readouterr().out == "some **bold** words\n"


def test_a_terminal_gets_markdown():
    console = Console(file=StringIO(), force_terminal=True, width=60)
    with LiveView(console) as view:
        view.show(EVENTS, folded())
    assert "bold" in console.file.getvalue()
    assert "**" not in console.file.getvalue()


def test_an_estimate_says_that_it_is_one_and_an_unknown_price_stays_unknown():
    usage = TokenUsage(input=3, output=5, source="estimated")
    receipt = Receipt(status="stopped", upstream_closed=True, stop_ms=4.2, usage=usage, cost=Cost())
    assert describe_receipt(receipt) == (
        "Stopped: connection to the model closed after 4 ms · 3 tokens in, 5 out (estimated), cost unknown"
    )


def test_the_end_names_model_tokens_cost_and_time():
    message = FoldedMessage(
        model="m", usage=TokenUsage(input=3, output=5), cost=Cost(usd=0.001), timings=Timings(total_ms=1500)
    )
    assert describe_end(message) == "m · 3 tokens in, 5 out, $0.001000 · 1.5 s"
