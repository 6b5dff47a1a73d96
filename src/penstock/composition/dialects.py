"""All dialects, in the order in which they are chosen from; the first is the default of ``POST /api/chat``."""

from __future__ import annotations

from typing import Final

from penstock.wire import (
    choices,
    data_stream,
    events,
    ndjson,
    openai,
    openai_text,
    responses,
    sse,
    text,
    ui_message_stream,
    whole_json,
)
from penstock.wire.dialect import Dialect

DIALECTS: Final[tuple[Dialect, ...]] = (
    sse.DIALECT,
    whole_json.DIALECT,
    events.DIALECT,
    text.DIALECT,
    ui_message_stream.DIALECT,
    openai.DIALECT,
    openai_text.DIALECT,
    data_stream.DIALECT,
    ndjson.DIALECT,
    responses.DIALECT,
    responses.EVENT_STREAM,
    choices.DIALECT,
)
