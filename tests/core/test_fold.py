"""What a log, or a prefix of one, means: the spec's cases, and what holds for every log."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.core import events as e
from penstock.core import messages as m
from penstock.core.fold import Folder, fold
from support.legal_logs import EVENT_TYPES, legal_logs
from support.spec_cases import read_cases


def read(case: dict[str, Any]) -> list[e.Event]:
    return msgspec.convert(case["events"], list[e.Event])


@pytest.mark.parametrize("case", read_cases("fold"))
def test_the_case_holds(case: dict[str, Any]):
    assert fold(read(case)) == msgspec.convert(case["message"], m.FoldedMessage)


@pytest.mark.parametrize("case", read_cases("fold"))
def test_the_case_leaves_out_defaults(case: dict[str, Any]):
    assert msgspec.json.decode(msgspec.json.encode(fold(read(case)))) == case["message"]


@pytest.mark.parametrize("case", read_cases("fold"))
def test_every_prefix_of_a_case_has_a_message(case: dict[str, Any]):
    """Looking at the message between two events changes nothing."""
    folder = Folder()
    for event in read(case):
        folder.feed(event)
        assert folder.message == folder.message
    assert folder.message == fold(read(case))


def test_every_event_has_its_handler():
    assert set(Folder._HANDLERS) == set(EVENT_TYPES)


@given(legal_logs())
def test_any_prefix_of_any_log_has_a_message(log: list[e.Event]):
    folder = Folder()
    for length, event in enumerate(log, start=1):
        folder.feed(event)
        assert folder.message == fold(log[:length])


@given(legal_logs())
def test_the_text_is_the_text_deltas_since_the_last_void_step(log: list[e.Event]):
    kept, step = "", ""
    for event in log:
        match event:
            case e.StepStarted():
                kept, step = kept + step, ""
            case e.StepReset():
                step = ""
            case e.TextDelta():
                step += event.text
            case _:
                pass
    by_part = {part.part_id: part.text for part in fold(log).parts if isinstance(part, m.TextPart)}
    assert sorted("".join(by_part.values())) == sorted(kept + step)
    assert fold(log).text == "".join(by_part.values())


@given(legal_logs())
def test_a_message_goes_through_json_unchanged(log: list[e.Event]):
    message = fold(log)
    assert msgspec.json.decode(msgspec.json.encode(message), type=m.FoldedMessage) == message


@given(legal_logs(), st.data())
def test_a_message_does_not_change_when_the_log_grows(log: list[e.Event], data: st.DataObject):
    """What was handed out is a value: later events do not reach into it."""
    place = data.draw(st.integers(0, len(log)))
    folder = Folder()
    for event in log[:place]:
        folder.feed(event)
    message = folder.message
    before = msgspec.json.encode(message)
    for event in log[place:]:
        folder.feed(event)
    assert msgspec.json.encode(message) == before


def test_a_long_answer_is_folded_whole():
    deltas = [e.TextDelta(part_id="t", text=f"{number} ") for number in range(20_000)]
    log = [
        e.RunStarted(run_id="r", message_id="m", model="x", provider="p"),
        e.StepStarted(index=0),
        e.TextStarted(part_id="t"),
        *deltas,
    ]
    assert fold(log).text.split() == [str(number) for number in range(20_000)]


def test_the_repr_shows_the_status_and_how_many_parts():
    assert repr(Folder()) == "Folder(status='pending', parts=0)"


def test_an_image_of_a_person_is_left_as_it_is():
    """No event makes an image part today; a part of a kind that does not grow freezes to itself."""
    from penstock.core.fold import _Grown  # noqa: PLC0415 - the private box is the subject of this test alone

    image = m.ImagePart(url="https://example.org/cat.png")
    assert _Grown(image, []).freeze() is image
