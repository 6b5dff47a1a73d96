"""Events, collected."""

from __future__ import annotations

import pytest

from penstock.core import events as e
from penstock.toolkit.answer import Answer, AnswerError
from penstock.toolkit.collector import Collector

HEAD = (
    e.RunStarted(run_id="run-1", message_id="msg-1", model="m", provider="p"),
    e.StepStarted(index=0),
    e.TextStarted(part_id="t"),
    e.TextDelta(part_id="t", text="Hel"),
    e.TextDelta(part_id="t", text="lo"),
    e.TextEnded(part_id="t"),
)
WHOLE = (*HEAD, e.StepFinished(index=0, finish_reason="stop"), e.RunFinished(finish_reason="stop"))


class Heard:
    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.complete: list[Answer] = []
        self.errors: list[AnswerError] = []
        self.collector = Collector(
            on_token=self.tokens.append, on_complete=self.complete.append, on_error=self.errors.append
        )


def test_each_piece_is_heard_and_then_the_whole():
    heard = Heard()
    heard.collector.feed_all(WHOLE)

    assert heard.tokens == ["Hel", "lo"]
    assert [answer.text for answer in heard.complete] == ["Hello"]
    assert heard.errors == []
    assert heard.collector.answer.chunks == ("Hel", "lo")


def test_a_failure_is_heard_once_and_never_as_complete():
    heard = Heard()
    heard.collector.feed_all((*HEAD, e.RunFailed(code="overloaded", message="Busy.")))

    assert [error.code for error in heard.errors] == ["overloaded"]
    assert heard.complete == []


def test_what_its_reader_stopped_is_neither_complete_nor_an_error():
    heard = Heard()
    heard.collector.feed_all((*HEAD, e.RunStopped(by="user")))

    assert (heard.complete, heard.errors) == ([], [])


def test_what_the_service_took_back_is_no_chunk():
    collector = Collector()
    collector.feed_all((*HEAD, e.StepReset(index=0)))

    assert collector.answer.chunks == ()
    assert collector.answer.text == ""


def test_without_callbacks_it_only_collects():
    collector = Collector()
    collector.feed_all(WHOLE)

    assert collector.answer.text == "Hello"


def test_what_a_callback_raises_comes_out():
    def refuse(_text: str) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Collector(on_token=refuse).feed_all(WHOLE)
