"""Every event has one writer in a dialect, or the dialect says that it has no word for it."""

from __future__ import annotations

from types import UnionType

import pytest

from penstock.core import events as e
from penstock.wire.writer_table import PART_BOUNDS, make_table
from support.legal_logs import EVENT_TYPES

SILENT = [kind for kind in EVENT_TYPES if kind not in {e.TextDelta, *e.Terminal.__args__}]


def write(event: e.Event) -> str:
    return type(event).__name__


def test_each_event_has_its_writer_and_the_silent_give_nothing():
    table = make_table({e.TextDelta: write, e.Terminal: write}, silent=SILENT, nothing="")
    assert set(table) == set(EVENT_TYPES)
    assert table[e.TextDelta](e.TextDelta(part_id="text-0", text="a")) == "TextDelta"
    assert table[e.RunStopped](e.RunStopped(by="user")) == "RunStopped"
    assert not table[e.TextEnded](e.TextEnded(part_id="text-0"))


def test_a_silent_event_is_passed_over_whatever_the_writers_are_called_with():
    table = make_table({e.TextDelta: write, e.Terminal: write}, silent=SILENT, nothing="")
    assert not table[e.StepFinished](object(), 7, e.StepFinished(index=0, finish_reason="stop"))


@pytest.mark.parametrize(
    ("silent", "named"),
    [
        pytest.param([kind for kind in SILENT if kind is not e.Usage], "Usage", id="forgotten"),
        pytest.param([*SILENT, e.RunFailed], "RunFailed", id="written-and-silent"),
        pytest.param([*SILENT, PART_BOUNDS], "RefusalEnded", id="silent-twice"),
        pytest.param([*SILENT, e.Verdict], "Verdict", id="no-event"),
    ],
)
def test_an_event_without_a_writer_or_with_two_is_named(silent: list[type | UnionType], named: str):
    with pytest.raises(TypeError, match=rf"\b{named}\b"):
        make_table({e.TextDelta: write, e.Terminal: write}, silent=silent, nothing="")


def test_the_bounds_of_parts_are_the_events_that_begin_and_end_them():
    bounds = {kind for kind in EVENT_TYPES if hasattr(kind, "part_id") and not hasattr(kind, "text")}
    assert set(PART_BOUNDS.__args__) == bounds
