"""Logs for the wires' tests, and ways of feeding them."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from penstock.composition.dialects import DIALECTS
from penstock.core import events as e
from penstock.core.log import make_batch
from penstock.core.order import Order
from penstock.wire.dialect import Dialect, StreamContext
from support.legal_logs import legal_logs, structs_of

few = settings(max_examples=40, deadline=None)
"""Drawing a log takes a while; the examples differ much. No deadline, since tests do not judge time."""

FORMS: dict[str, Dialect] = {}
"""Every form that an answer can have, by the name of its folder in ``spec/wire``."""
for _dialect in DIALECTS:
    FORMS[f"{_dialect.name}-sse" if _dialect.name in FORMS else _dialect.name] = _dialect
    if _dialect.whole is not None:
        FORMS[_dialect.whole.name] = _dialect.whole

TERMINALS = (e.RunFinished, e.RunFailed, e.RunStopped, e.RunInterrupted)


def context(**fields: Any) -> StreamContext:
    """Give a context for an encoder."""
    return StreamContext(**{"run_id": "run_1", "message_id": "msg_1", "model": "gpt", "created_at": 1.0} | fields)


def encode(dialect: Dialect, events: list[e.Event], **fields: Any) -> bytes:
    """Give the whole answer."""
    return dialect.open(context(**fields)).encode(make_batch(0, events)) if events else b""


@st.composite
def whole_logs(draw: st.DrawFn, *, may_void: bool = True) -> list[e.Event]:
    """Draw a legal log with its terminal; ``may_void=False``: no step with content is reset, as the engine keeps it."""
    log = draw(legal_logs())
    if not log:
        log = [draw(structs_of(e.RunStarted))]
    if not may_void:
        log = without_voids(log)
    order = Order()
    for event in log:
        order.accept(event)
    if order.phase != "ended":
        log += [*order.ends(), draw(st.one_of(structs_of(kind) for kind in TERMINALS[1:]))]
    return log


def without_voids(log: list[e.Event]) -> list[e.Event]:
    """Give the log up to the first reset of a step with content, which the engine never makes."""
    has_content = False
    for index, event in enumerate(log):
        if isinstance(event, e.StepStarted):
            has_content = False
        has_content = has_content or isinstance(event, (*e.CONTENT_EVENTS, e.Source))
        if has_content and isinstance(event, e.StepReset):
            return log[:index]
    return log


def last_usage(log: list[e.Event]) -> e.Usage | None:
    """Give the usage that counts."""
    return next((event for event in reversed(log) if isinstance(event, e.Usage)), None)


def words_of(log: list[e.Event], delta: type[Any] | tuple[type[Any], ...]) -> str:
    """Give the words of a kind in the order of arrival, without those of steps that were reset."""
    pieces: list[str] = []
    step_first = 0
    for event in log:
        if isinstance(event, e.StepStarted):
            step_first = len(pieces)
        elif isinstance(event, e.StepReset):
            del pieces[step_first:]
        elif isinstance(event, delta):
            pieces.append(event.text)
    return "".join(pieces)


def has_parts_at_once(log: list[e.Event]) -> bool:
    """Whether two parts were ever open together: wires without parts then have their words in the order of arrival."""
    order = Order()
    for event in log:
        order.accept(event)
        if len(order.ends()) > 1:
            return True
    return False
