"""`ModelRequest` -> the body of a legacy completion: a prompt goes in, and text that continues it comes out."""

from __future__ import annotations

from typing import Final

from penstock.core.events import Json
from penstock.core.messages import RefusalPart, TextPart
from penstock.core.requests import InputMessage, ModelRequest
from penstock.providers.chat_request import Quirks

_SPEAKERS: Final = {"user": "User", "assistant": "Assistant", "system": "System", "tool": "Tool"}


def make_text_body(request: ModelRequest, quirks: Quirks) -> dict[str, Json]:
    """Make the body, as plain JSON values, without what the deployment refuses."""
    options = request.options
    values: dict[str, Json] = {
        "temperature": options.temperature,
        "top_p": options.top_p,
        "max_tokens": options.max_output_tokens,
        "stop": list(options.stop) if options.stop else None,
    }
    body: dict[str, Json] = {
        **(options.extra or {}),
        "model": request.model,
        "prompt": _write_prompt(request),
        "stream": True,
        "stream_options": {"include_usage": True},
        **{name: value for name, value in values.items() if value is not None},
    }
    return {name: value for name, value in body.items() if name not in quirks.left_out}


def _write_prompt(request: ModelRequest) -> str:
    """Write what the user says as it is; a dialogue as its transcript, up to where the model has to go on."""
    head = [request.system_prompt] if request.system_prompt else []
    if len(request.messages) == 1 and request.messages[0].role == "user":
        return "\n\n".join([*head, _text_of(request.messages[0])])
    turns = [f"{_SPEAKERS[message.role]}: {_text_of(message)}" for message in request.messages]
    return "\n\n".join([*head, *turns, "Assistant:"])


def _text_of(message: InputMessage) -> str:
    return "".join(part.text for part in message.parts if isinstance(part, TextPart | RefusalPart))
