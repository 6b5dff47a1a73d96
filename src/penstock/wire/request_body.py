"""Any request body: recognised by its shape, whatever the dialect of the answer will be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from penstock.core.events import Json
from penstock.core.requests import ChatRequest
from penstock.wire import chat_body, data_body, responses_body, ui_body


def decode(body: Json) -> ChatRequest:
    """Read a body of any known shape; raises `CallerError` that names the field."""
    if isinstance(body, Mapping):
        shape = cast("Mapping[str, Json]", body)
        for reader in (ui_body, data_body, responses_body):
            if reader.recognise(shape):
                return reader.decode(shape)
    return chat_body.decode(body)
