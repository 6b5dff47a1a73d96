"""JSON inside JSON: the argument texts of tool calls, which clients and models may have broken."""

from __future__ import annotations

import msgspec

from penstock.core.events import Json
from penstock.wire.fields import complain


def parse_json(text: str) -> Json:
    """Give the value that the text means; None when it is not JSON."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None


def format_json(value: Json, path: str) -> str:
    """Give the value as compact JSON; raises `CallerError` for the field at ``path`` when it can't be written."""
    try:
        return msgspec.json.encode(value).decode()
    except (UnicodeEncodeError, RecursionError):
        raise complain(path, "can't be written as JSON") from None
