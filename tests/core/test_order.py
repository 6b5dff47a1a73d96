"""Which event may follow which: the tables, the spec's cases, and no order that a plain grammar forbids."""

from __future__ import annotations

import re
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.core import events as e
from penstock.core.errors import ProtocolError
from penstock.core.order import CLOSES_PARTS, CONTINUES, ENDS, PHASES, STARTS, Order
from support.legal_logs import EVENT_TYPES, legal_logs
from support.spec_cases import read_cases


def read(case: dict[str, Any]) -> list[e.Event]:
    return msgspec.convert(case["events"], list[e.Event])


# --- the spec's cases -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [case for case in read_cases("order") if "error" in case.values[0]])
def test_an_illegal_event_is_refused_with_a_sentence(case: dict[str, Any]):
    *legal, refused = read(case)
    order = Order()
    for event in legal:
        order.accept(event)
    with pytest.raises(ProtocolError) as caught:
        order.accept(refused)
    assert caught.value.message == case["error"]


@pytest.mark.parametrize("case", [case for case in read_cases("order") if "ends" in case.values[0]])
def test_a_legal_log_passes_and_knows_what_must_be_ended(case: dict[str, Any]):
    order = Order()
    for event in read(case):
        order.accept(event)
    assert order.ends() == tuple(msgspec.convert(case["ends"], list[e.Event]))


@pytest.mark.parametrize("case", read_cases("fold"))
def test_every_fold_case_is_a_legal_prefix(case: dict[str, Any]):
    order = Order()
    for event in read(case):
        order.accept(event)


# --- the tables -------------------------------------------------------------------------------------------------------


def test_the_table_of_phases_has_every_event_and_no_other():
    assert set(PHASES) == set(EVENT_TYPES)


def test_every_event_with_a_part_starts_continues_or_ends_it():
    tied = {event_type for event_type in EVENT_TYPES if {"part_id", "tool_call_id"} & {*event_type.__struct_fields__}}
    assert {*STARTS, *CONTINUES, *ENDS} == tied - {e.ToolResult}


def test_every_terminal_ends_the_run_and_wants_its_parts_closed():
    for terminal in get_args(e.Terminal):
        assert set(PHASES[terminal].values()) == {"ended"}
        assert terminal in CLOSES_PARTS


# --- no illegal order passes ------------------------------------------------------------------------------------------

LETTERS: dict[type[Any], str] = {
    e.RunStarted: "R",
    e.StepStarted: "[",
    e.StepFinished: "]",
    e.StepReset: "x",
    e.RunFinished: "F",
    **dict.fromkeys((e.RunFailed, e.RunStopped, e.RunInterrupted), "E"),
    **dict.fromkeys((*STARTS, *CONTINUES, *ENDS), "p"),
    **dict.fromkeys((e.ToolResult, e.Source, e.Progress, e.Data, e.ContentFilter, e.Usage), "a"),
}
RUN = re.compile(r"(R(a|\[[ap]*[]x])*(\[[ap]*E?|E|F)?)?")
PROVEN = re.compile(r"[^F]*|.*]a*F")
PART = re.compile(r"c*(s(\w)(?:d\2)*(?:e\2c*)?)?")
LIVES = {"s": STARTS, "d": CONTINUES, "e": ENDS}
KINDS = {"text": "T", "reasoning": "R", "refusal": "F", "tool-call": "C"}


def id_of(event: Any) -> str | None:
    return getattr(event, "part_id", None) or getattr(event, "tool_call_id", None)


def write_part(log: list[Any], part_id: str) -> str:
    """Spell one part's life: s start, d delta, e end, each with its kind; c where no part may be open."""
    letters = ""
    for event in log:
        kind = type(event)
        if kind in CLOSES_PARTS:
            letters += "c"
        elif id_of(event) == part_id:
            letters += "".join(letter + KINDS[table[kind]] for letter, table in LIVES.items() if kind in table)
    return letters


def is_legal(log: list[Any]) -> bool:
    """Judge a prefix by two regular expressions, which know nothing of the tables of phases."""
    run = "".join(LETTERS[type(event)] for event in log)
    parts = {id_of(event) for event in log} - {None}
    is_run = bool(RUN.fullmatch(run) and PROVEN.fullmatch(run))
    return is_run and all(PART.fullmatch(write_part(log, str(part_id))) for part_id in parts)


SHORTEST = {
    "index": 0,
    "finish_reason": "stop",
    "by": "user",
    "cause": "upstream-eof",
    "state": "started",
    "stage": "prompt",
    "kind": "url",
    "part_id": st.sampled_from(["part-0", "part-1"]),
    "tool_call_id": st.sampled_from(["part-0", "part-1"]),
}
"""Values of required fields where the empty text will not do; ids come from a pool of two, so that they meet."""


def small(event_type: type[Any]) -> st.SearchStrategy[Any]:
    required = [field.name for field in msgspec.structs.fields(event_type) if field.required]
    values = {name: SHORTEST.get(name, "") for name in required}
    return st.builds(
        event_type,
        **{name: value if isinstance(value, st.SearchStrategy) else st.just(value) for name, value in values.items()},
    )


@st.composite
def broken_logs(draw: st.DrawFn) -> list[Any]:
    """Draw a legal log and spoil it: take out, repeat, exchange or put in a few events anywhere."""
    log: list[Any] = draw(legal_logs())
    for _ in range(draw(st.integers(0, 5))):
        place, other = draw(st.integers(0, len(log))), draw(st.integers(0, len(log)))
        stranger = draw(st.sampled_from(EVENT_TYPES).flatmap(small))
        match draw(st.sampled_from(["take out", "repeat", "exchange", "put in"])):
            case "take out":
                log[place : place + 1] = []
            case "repeat":
                log[place:place] = log[other : other + 1]
            case "exchange":
                log[place : place + 1], log[other : other + 1] = log[other : other + 1], log[place : place + 1]
            case _:
                log[place:place] = [stranger]
    return log


@given(broken_logs())
def test_what_passes_is_what_the_grammar_allows(log: list[Any]):
    """Each event is accepted when, and only when, the log so far with it is legal by the grammar."""
    order = Order()
    accepted: list[Any] = []
    for event in log:
        legal = is_legal([*accepted, event])
        try:
            order.accept(event)
        except ProtocolError:
            assert not legal, f"{event} was refused after {accepted}"
        else:
            assert legal, f"{event} passed after {accepted}"
            accepted.append(event)


@given(broken_logs())
def test_a_refused_event_leaves_no_trace(log: list[Any]):
    """An order that saw refused events goes on exactly as one that never saw them."""
    tried, clean = Order(), Order()
    for event in log:
        try:
            tried.accept(event)
        except ProtocolError:
            assert repr(tried) == repr(clean)
        else:
            clean.accept(event)
        assert tried.ends() == clean.ends()


@given(legal_logs())
def test_every_log_drawn_from_the_table_passes(log: list[e.Event]):
    order = Order()
    for event in log:
        order.accept(event)


@given(legal_logs())
def test_any_live_log_can_be_stopped_after_its_ends(log: list[e.Event]):
    order = Order()
    for event in log:
        order.accept(event)
    if order.phase in {"new", "ended"}:
        return
    for event in order.ends():
        order.accept(event)
    order.accept(e.RunStopped(by="user"))
    assert order.phase == "ended"
    assert order.ends() == ()


def test_the_repr_shows_the_phase_and_the_open_parts():
    order = Order()
    for event in (
        e.RunStarted(run_id="r", message_id="m", model="x", provider="p"),
        e.StepStarted(index=0),
        e.TextStarted(part_id="text-0"),
    ):
        order.accept(event)
    assert repr(order) == "Order(phase='step', open=['text-0'])"
