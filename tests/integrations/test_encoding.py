"""Which wire an answer comes in."""

from __future__ import annotations

import pytest

from penstock.composition.dialects import DIALECTS
from penstock.core.errors import CallerError
from penstock.core.messages import Run
from penstock.integrations.encoding import choose_wire, context_of, headers_of
from penstock.wire.dialect import Dialect

RUN = Run(id="run-1", owner="", message_id="msg-1", model="m", created_at=1.0)


@pytest.mark.parametrize(
    ("name", "query", "accept", "chosen"),
    [
        (None, {}, None, "sse"),
        (None, {}, "*/*", "sse"),
        (None, {"wire": "text"}, "text/event-stream", "text"),
        (None, {}, "application/json", "json"),
        ("ui-message-stream", {"wire": "text"}, "application/json", "ui-message-stream"),
    ],
)
def test_the_program_decides_then_the_client(name: str | None, query: dict[str, str], accept: str | None, chosen: str):
    assert choose_wire(name, query=query, accept=accept).name == chosen


def test_an_unknown_wire_is_refused_with_those_that_are_there():
    with pytest.raises(CallerError, match="ui-message-stream") as caught:
        choose_wire("carrier-pigeon", query={}, accept=None)

    assert caught.value.code == "not_acceptable"


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_nothing_between_may_keep_or_hold_an_answer(dialect: Dialect):
    headers = headers_of(dialect, RUN)

    assert headers["Cache-Control"] in {"no-store", "no-cache, no-transform"}
    assert headers["X-Accel-Buffering"] == "no"
    assert headers["X-Run-Id"] == "run-1"
    assert headers["Content-Type"] == dialect.media_type


def test_the_wire_s_own_switches_come_from_the_query():
    assert context_of(RUN, {"dialect": "6"}).parameters == {"dialect": "6"}
