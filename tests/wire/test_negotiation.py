"""Which wire answers: by name, then by Accept, then by the body's shape, then the default."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.core.errors import CallerError
from penstock.wire import data_stream, events, ndjson, openai, responses, sse, text, ui_message_stream, whole_json
from penstock.wire.dialect import Dialect
from penstock.wire.negotiation import choose, choose_named

MODULES = (sse, ui_message_stream, events, text, whole_json, data_stream, ndjson, openai, responses)
DIALECTS = [*(module.DIALECT for module in MODULES), responses.EVENT_STREAM]
NAMES = [dialect.name for dialect in DIALECTS]
PLAIN: dict[str, Any] = {"messages": [{"role": "user", "content": "Hi"}]}
PAGE: dict[str, Any] = {"trigger": "submit-message", "messages": []}
OLD_PAGE: dict[str, Any] = {"messages": [{"role": "user", "content": "Hi", "parts": []}]}
SESSION: dict[str, Any] = {**PLAIN, "sessionState": None}
INPUT: dict[str, Any] = {"input": "Hi", "context": {}}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def pick(
    *,
    name: str | None = None,
    accept: str | None = None,
    body: dict[str, Any] | None = None,
    default: Dialect = sse.DIALECT,
    is_bare: bool = False,
) -> str:
    return choose(DIALECTS, query_name=name, accept=accept, body=body, default=default, is_bare=is_bare).name


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
        (None, None, OLD_PAGE, "data-stream"),
        (None, "text/plain", OLD_PAGE, "data-stream"),
        (None, "text/plain", PLAIN, "text"),
        (None, "text/event-stream", OLD_PAGE, "sse"),
        (None, None, {**OLD_PAGE, "stream": False}, "json"),
        (None, None, SESSION, "ndjson"),
        (None, "application/x-ndjson", PLAIN, "ndjson"),
        (None, "application/jsonl", PLAIN, "ndjson"),
        (None, "application/json", SESSION, "ndjson-whole"),
        (None, None, {**SESSION, "stream": False}, "ndjson-whole"),
        ("ndjson", "application/json", SESSION, "ndjson"),
        (None, None, INPUT, "responses"),
        (None, "application/x-ndjson", INPUT, "responses"),
        (None, "text/event-stream", INPUT, "responses"),
        (None, "application/json", INPUT, "responses-whole"),
        (None, None, {**INPUT, "stream": False}, "responses-whole"),
    ],
)
def test_the_order_of_choice(name: str | None, accept: str | None, body: dict[str, Any] | None, chosen: str):
    assert pick(name=name, accept=accept, body=body) == chosen


def test_a_route_s_own_default_wins_among_those_of_its_media_type():
    """An `EventSource` on a run's events names only the media type."""
    assert pick(accept="text/event-stream", default=events.DIALECT) == "events"
    assert pick(default=events.DIALECT) == "events"


@pytest.mark.parametrize(
    ("accept", "body", "chosen"),
    [
        (None, PLAIN, "json"),
        (None, SESSION, "ndjson-whole"),
        ("*/*", SESSION, "ndjson-whole"),
        ("application/x-ndjson", SESSION, "ndjson"),
        (None, PAGE, "ui-message-stream"),
        (None, INPUT, "responses-whole"),
    ],
)
def test_a_bare_path_means_the_whole_answer_for_those_who_have_another_for_streams(
    accept: str | None, body: dict[str, Any], chosen: str
):
    assert pick(accept=accept, body=body, default=whole_json.DIALECT, is_bare=True) == chosen


@pytest.mark.parametrize(
    ("name", "accept", "is_bare", "chosen"),
    [
        ("ndjson", None, False, "ndjson"),
        ("ndjson", None, True, "ndjson-whole"),
        ("ndjson", "application/json", True, "ndjson-whole"),
        ("ndjson", "application/x-ndjson", True, "ndjson"),
        ("openai", None, True, "openai"),
        ("text", None, True, "text"),
    ],
)
def test_a_name_in_the_path_chooses_too(name: str, accept: str | None, is_bare: bool, chosen: str):
    assert choose_named(DIALECTS, name, accept=accept, is_bare=is_bare).name == chosen


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/x-ndjson"),
        ("*/*", "application/x-ndjson"),
        ("application/x-ndjson", "application/x-ndjson"),
        ("text/event-stream", "text/event-stream"),
    ],
)
def test_a_wire_of_two_forms_has_the_one_that_is_accepted(accept: str | None, media_type: str):
    """An `EventSource` on ``?wire=responses`` can read nothing but Server-Sent Events."""
    named = choose(DIALECTS, query_name="responses", accept=accept, body=None, default=sse.DIALECT)
    shaped = choose(DIALECTS, query_name=None, accept=accept, body=INPUT, default=sse.DIALECT)
    assert (named.media_type, shaped.media_type) == (media_type, media_type)


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
