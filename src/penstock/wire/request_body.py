"""Any request body: recognised by its shape, whatever the dialect of the answer will be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from penstock.core.events import Json
from penstock.core.requests import ChatRequest
from penstock.wire import chat_body, ui_body


def decode(body: Json) -> ChatRequest:
    """Read a body of any known shape; raises `CallerError` that names the field."""
    if isinstance(body, Mapping) and ui_body.recognise(cast("Mapping[str, Json]", body)):
        return ui_body.decode(body)
    return chat_body.decode(body)
