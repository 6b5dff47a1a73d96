"""Hypothesis strategies for events and for whole logs, made from the structs and from the table of phases.

A new event is generated as soon as it is in the union and in the table: nothing here names one.
"""

from __future__ import annotations

import itertools
from typing import Any, get_args

from hypothesis import strategies as st
from msgspec import inspect as types

from penstock.core import events as e
from penstock.core.order import CLOSES_PARTS, CONTINUES, ENDS, PHASES, STARTS, Kind, Phase

EVENT_TYPES: tuple[type[Any], ...] = get_args(e.Event)

numbers = st.integers(-(2**53) + 1, 2**53 - 1)
fractions = st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | fractions | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def values_of(node: types.Type) -> st.SearchStrategy[Any]:
    """Give a strategy for the values of a type, as msgspec sees it."""
    match node:
        case types.StructType():
            return structs_of(node.cls)
        case types.UnionType():
            return st.one_of([values_of(member) for member in node.types])
        case types.LiteralType():
            return st.sampled_from(node.values)
        case types.VarTupleType():
            return st.lists(values_of(node.item_type), max_size=2).map(tuple)
        case types.DictType():
            return st.dictionaries(values_of(node.key_type), values_of(node.value_type), max_size=2)
        case _:
            return {
                types.AnyType: json_values,
                types.BoolType: st.booleans(),
                types.IntType: numbers,
                types.FloatType: fractions,
                types.StrType: st.text(max_size=8),
                types.NoneType: st.none(),
            }[type(node)]


def structs_of(struct: type[Any], **fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Give a strategy for one struct, with some fields fixed."""
    info = types.type_info(struct)
    assert isinstance(info, types.StructType)
    fields = {field.name: values_of(field.type) for field in info.fields}
    return st.builds(struct, **(fields | fixed))


all_events: st.SearchStrategy[e.Event] = st.one_of([structs_of(event_type) for event_type in EVENT_TYPES])

_bare = {event_type: structs_of(event_type) for event_type in EVENT_TYPES}
_tied = {
    event_type: field
    for event_type in (*STARTS, *CONTINUES, *ENDS)
    for field in ("part_id", "tool_call_id")
    if field in event_type.__struct_fields__
}


def _weigh(event_type: type[Any]) -> int:
    """Say how often a type is drawn: parts come and go, steps too; seldom the log ends."""
    if event_type in {*CONTINUES, *ENDS}:
        return 8
    if event_type in STARTS:
        return 4
    if event_type in {e.StepStarted, e.StepFinished, e.StepReset, e.RunFinished}:
        return 12
    return 1


_WEIGHTS = {event_type: _weigh(event_type) for event_type in EVENT_TYPES}


class _Draft:
    """A log while it is drawn: which types may come now, by the table and by the parts that are open."""

    def __init__(self) -> None:
        self.phase: Phase = "new"
        self.open: dict[str, Kind] = {}
        self.ids = (f"part-{number}" for number in itertools.count())

    def choices(self) -> list[type[Any]]:
        """Give the types that may come now, each as often as it weighs."""
        kinds = set(self.open.values())
        return [
            event_type
            for event_type in EVENT_TYPES
            for _ in range(_WEIGHTS[event_type])
            if self.phase in PHASES[event_type]
            and (event_type not in CONTINUES or CONTINUES[event_type] in kinds)
            and (event_type not in ENDS or ENDS[event_type] in kinds)
            and not (event_type in CLOSES_PARTS and self.open)
        ]

    def ids_for(self, event_type: type[Any]) -> list[str]:
        """Give the part ids that an event of the type may have now."""
        if event_type in STARTS:
            return [next(self.ids)]
        kind = CONTINUES.get(event_type) or ENDS.get(event_type)
        return [part_id for part_id, of_kind in self.open.items() if of_kind == kind] or ["unknown"]

    def move(self, event_type: type[Any], part_id: str) -> None:
        """Note that the event came."""
        self.phase = PHASES[event_type][self.phase]
        if event_type in STARTS:
            self.open[part_id] = STARTS[event_type]
        elif event_type in ENDS:
            del self.open[part_id]


@st.composite
def legal_logs(draw: st.DrawFn, *, max_size: int = 30) -> list[e.Event]:
    """Draw a legal log, or a prefix of one."""
    draft = _Draft()
    log: list[e.Event] = []
    for _ in range(draw(st.integers(0, max_size).map(lambda size: max_size - size))):
        choices = draft.choices()
        if not choices:
            break
        event_type = draw(st.sampled_from(choices))
        part_id = draw(st.sampled_from(draft.ids_for(event_type)))
        fixed = {_tied[event_type]: st.just(part_id)} if event_type in _tied else {}
        log.append(draw(structs_of(event_type, **fixed) if fixed else _bare[event_type]))
        draft.move(event_type, part_id)
    return log
