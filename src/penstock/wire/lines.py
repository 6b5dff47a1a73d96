"""Framing of JSON lines (NDJSON), shared by every dialect that speaks it: one value a line, every line ended.

Readers lose a last line that is not ended, and pass over empty lines, which is what a heartbeat is.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

MEDIA_TYPE: Final = "application/x-ndjson"
MEDIA_TYPES: Final = (MEDIA_TYPE, "application/json-lines", "application/jsonl", "application/ndjson")
"""What clients call it in ``Accept``."""
HEARTBEAT: Final = b"\n"

encode: Final = msgspec.json.Encoder().encode
"""JSON without a line break in it."""


def line(**fields: Any) -> bytes:
    """Give one object as a line."""
    return encode(fields) + b"\n"
