"""Which wire answers: by name, then by Accept, then by the body's shape, then the default."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.core.errors import CallerError
from penstock.wire import events, sse, text, ui_message_stream, whole_json
from penstock.wire.dialect import Dialect
from penstock.wire.negotiation import choose

DIALECTS = [module.DIALECT for module in (sse, ui_message_stream, events, text, whole_json)]
NAMES = [dialect.name for dialect in DIALECTS]
PLAIN: dict[str, Any] = {"messages": [{"role": "user", "content": "Hi"}]}
PAGE: dict[str, Any] = {"trigger": "submit-message", "messages": []}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def pick(
    *,
    name: str | None = None,
    accept: str | None = None,
    body: dict[str, Any] | None = None,
    default: Dialect = sse.DIALECT,
) -> str:
    return choose(DIALECTS, query_name=name, accept=accept, body=body, default=default).name


@pytest.mark.parametrize(
    ("name", "accept", "body", "chosen"),
    [
        ("text", "application/json", PAGE, "text"),
        ("json", "nonsense", None, "json"),
        (None, "application/json", PAGE, "json"),
        (None, "text/plain", PAGE, "text"),
        (None, "text/event-stream", PAGE, "ui-message-stream"),
        (None, "text/event-stream", PLAIN, "sse"),
        (None, "text/event-stream", {**PLAIN, "stream": False}, "sse"),
        (None, "Text/Event-Stream; charset=utf-8", PLAIN, "sse"),
        (None, "text/plain;q=0.5, application/json;q=0.9", PLAIN, "json"),
        (None, "text/plain;q=0, */*", PLAIN, "sse"),
        (None, "application/json, text/plain, */*", PLAIN, "json"),
        (None, "application/*", PLAIN, "json"),
        (None, "image/png, text/*", PAGE, "ui-message-stream"),
        (None, "text/plain;q=strange", PLAIN, "text"),
        (None, "text/plain;version=1", PLAIN, "text"),
        (None, "*/*", PAGE, "ui-message-stream"),
        (None, "*/*", PLAIN, "sse"),
        (None, BROWSER, PLAIN, "sse"),
        (None, None, PAGE, "ui-message-stream"),
        (None, None, {**PLAIN, "stream": False}, "json"),
        (None, None, {**PLAIN, "stream": True}, "sse"),
        (None, "", PLAIN, "sse"),
        (None, None, None, "sse"),
    ],
)
def test_the_order_of_choice(name: str | None, accept: str | None, body: dict[str, Any] | None, chosen: str):
    assert pick(name=name, accept=accept, body=body) == chosen


def test_a_route_s_own_default_wins_among_those_of_its_media_type():
    """An `EventSource` on a run's events names only the media type."""
    assert pick(accept="text/event-stream", default=events.DIALECT) == "events"
    assert pick(default=events.DIALECT) == "events"


def test_a_default_of_another_media_type_leaves_it_to_the_list():
    assert pick(accept="text/event-stream", default=whole_json.DIALECT) == "sse"


@pytest.mark.parametrize(
    ("name", "accept", "field"),
    [
        ("morse", None, "wire"),
        ("", None, "wire"),
        (None, "image/png", "accept"),
        (None, "text/plain;q=0", "accept"),
        (None, ",;", "accept"),
    ],
)
def test_what_nobody_speaks_is_refused_with_the_list(name: str | None, accept: str | None, field: str):
    with pytest.raises(CallerError) as caught:
        pick(name=name, accept=accept, body=PLAIN)
    assert (caught.value.code, caught.value.field) == ("not_acceptable", field)
    assert all(dialect.name in caught.value.message for dialect in DIALECTS)


def test_a_dialect_that_no_media_type_chooses_is_listed_by_name():
    bare = Dialect(name="bare", media_type="x/y", open=text.DIALECT.open, decode=text.DIALECT.decode)
    with pytest.raises(CallerError, match="one of: bare"):
        choose([bare], query_name="other", accept=None, body=None, default=bare)


@given(accept=st.text(max_size=30) | st.text(alphabet="tex/plain*;q=0.15, ", max_size=40))
def test_no_accept_header_raises_anything_but_a_caller_error(accept: str):
    with contextlib.suppress(CallerError):
        assert pick(accept=accept, body=PLAIN) in NAMES
