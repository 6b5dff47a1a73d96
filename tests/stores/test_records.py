"""Rows and structs."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import Connection, create_engine, insert, select

from penstock.core.events import ContentFilter, Progress, Verdict
from penstock.core.messages import (
    Conversation,
    Failure,
    ImagePart,
    Message,
    ReasoningPart,
    Run,
    TextPart,
    TokenUsage,
    ToolPart,
)
from penstock.core.usage import Cost, Timings
from penstock.stores.records import make_row, read_record
from penstock.stores.tables import conversations, messages, metadata, runs

FULL_MESSAGE = Message(
    id="m",
    conversation_id="c",
    parent_id="p",
    role="assistant",
    parts=(
        ReasoningPart(text="hm", kind="summary", signature="s"),
        TextPart(text="a\nb \u00e9", part_id="text-0"),
        ToolPart(tool_call_id="t", name="n", input={"a": [1, None]}, output="x", state="done"),
        ImagePart(url="data:image/png;base64,"),
    ),
    status="failed",
    created_at=1732000000.123456,
    client_message_id="cm",
    run_id="r",
    model="gpt",
    provider="azure_openai",
    finish_reason="content-filter",
    detail="user",
    failure=Failure(code="rate_limited", message="Wait.", retryable=True, retry_after_s=1.5),
    filters=(ContentFilter(stage="prompt", verdicts={"hate": Verdict(filtered=True, severity="low")}),),
    progress=(Progress(stage="retrying", state="started"),),
    usage=TokenUsage(input=1, output=2, source="estimated"),
    cost=Cost(usd=0.1, is_estimated=True),
    timings=Timings(first_token_ms=1.25),
)
FULL_RUN = Run(
    id="r",
    owner="ann",
    conversation_id="c",
    message_id="m",
    model="gpt",
    created_at=1.5,
    instance="inst_1",
    usage=TokenUsage(total=3),
    cost=Cost(),
)


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@pytest.mark.parametrize(
    ("table", "record"),
    [
        (conversations, Conversation(id="c", owner="ann", pinned=True, created_at=1.0, updated_at=2.5, version=3)),
        (messages, FULL_MESSAGE),
        (messages, Message(id="m", conversation_id="c", role="user", parts=(), created_at=1.0)),
        (runs, FULL_RUN),
        (runs, Run(id="r", owner="ann", message_id="m", model="gpt", created_at=1.0)),
    ],
)
def test_a_record_comes_back_as_it_was_kept(connection: Connection, table, record):  # noqa: ANN001 - three kinds
    connection.execute(insert(table).values(make_row(record)))
    row = connection.execute(select(table)).mappings().one()
    assert read_record(type(record), row) == record


def test_every_field_has_a_column():
    for table, kind in ((conversations, Conversation), (messages, Message), (runs, Run)):
        assert set(kind.__struct_fields__) <= set(table.columns.keys())


def test_a_row_of_the_wrong_shape_is_refused(connection: Connection):
    connection.execute(insert(runs).values({**make_row(FULL_RUN), "status": "dancing"}))
    with pytest.raises(msgspec.ValidationError):
        read_record(Run, connection.execute(select(runs)).mappings().one())
