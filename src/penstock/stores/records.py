"""Rows and structs: one way there, one way back."""

from __future__ import annotations

from typing import Final, TypeVar

import msgspec
from sqlalchemy import RowMapping

from penstock.core.events import Json
from penstock.core.messages import Attachment, Conversation, Message, Run

_JSON_FIELDS: Final = frozenset(
    {"parts", "failure", "filters", "progress", "usage", "cost", "timings", "title_usage", "title_cost"}
)
"""What is kept as JSON text, in whichever struct it occurs."""

RecordT = TypeVar("RecordT", Attachment, Conversation, Message, Run)


def encode_json(value: Json) -> str | None:
    """Give the JSON text of a field; None stays None."""
    return None if value is None else msgspec.json.encode(value).decode()


def make_row(record: Attachment | Conversation | Message | Run) -> dict[str, Json]:
    """Give the values of the row, every column named."""
    row: dict[str, Json] = {}
    for name in record.__struct_fields__:
        value: Json = getattr(record, name)
        row[name] = encode_json(value) if name in _JSON_FIELDS else value
    return row


def read_record(kind: type[RecordT], row: RowMapping) -> RecordT:
    """Give the struct of a row, its types checked."""
    values: dict[str, Json] = {}
    for name in kind.__struct_fields__:
        value: Json = row[name]
        if value is not None:
            values[name] = msgspec.json.decode(value) if name in _JSON_FIELDS else value
    return msgspec.convert(values, kind)
