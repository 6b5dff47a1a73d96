"""Messages, conversations and runs: their text, their life, and their JSON."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.core import messages as m
from support.legal_logs import structs_of

parts = st.one_of([structs_of(part) for part in m.Part.__args__])
kept = st.one_of([structs_of(record) for record in (m.Message, m.FoldedMessage, m.Conversation, m.Run)])


@given(kept)
def test_what_is_kept_goes_through_json_unchanged(record: msgspec.Struct):
    assert msgspec.json.decode(msgspec.json.encode(record), type=type(record)) == record


@given(st.lists(parts, max_size=4))
def test_the_text_of_a_message_is_its_text_parts_alone(some: list[m.Part]):
    expected = "".join(part.text for part in some if isinstance(part, m.TextPart))
    message = m.Message(id="m", conversation_id="c", role="assistant", created_at=0.0, parts=tuple(some))
    assert message.text == m.FoldedMessage(parts=tuple(some)).text == expected


@pytest.mark.parametrize(
    ("status", "is_live"),
    [
        ("queued", True),
        ("running", True),
        ("finished", False),
        ("failed", False),
        ("stopped", False),
        ("interrupted", False),
    ],
)
def test_a_run_is_live_until_its_terminal(status: m.RunStatus, is_live: bool):
    assert m.Run(id="r", owner="o", message_id="m", model="x", created_at=0.0, status=status).is_live is is_live


def test_each_part_has_its_own_tag():
    tags = [part.__struct_config__.tag for part in m.Part.__args__]
    assert len(set(tags)) == len(tags)
