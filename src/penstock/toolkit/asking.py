"""What a program asks -> `ChatRequest`: the same shapes, bounds and sentences as over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict, Unpack

import msgspec

from penstock.core.events import Json
from penstock.core.requests import ChatRequest, Effort
from penstock.wire import request_body

Prompt = str | Sequence[Mapping[str, Json]]
"""What the user says, or a whole history as ``{"role": ..., "content": ...}`` in OpenAI's shape."""


class Asking(TypedDict, total=False):
    """How to ask; what is left out is the model's default."""

    model: str | None
    """One of the configured models; the first of them when absent."""
    system_prompt: str | None
    temperature: float | None
    top_p: float | None
    max_output_tokens: int | None
    reasoning_effort: Effort | None
    stop: str | Sequence[str] | None
    """Texts at which the model stops."""
    tools: Sequence[Mapping[str, Json]] | None
    """Tools in OpenAI's shape; calls come as events, and their results go back up as ``tool`` messages."""
    tool_choice: Json
    parallel_tool_calls: bool | None


def make_request(prompt: Prompt, **asking: Unpack[Asking]) -> ChatRequest:
    """Read what a program asks; raises `CallerError` that names the field at fault."""
    messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else [dict(one) for one in prompt]
    fields: dict[str, Json] = {name: value for name, value in asking.items() if value is not None}
    model, system_prompt = fields.pop("model", None), fields.pop("system_prompt", None)
    if "max_output_tokens" in fields:
        fields["max_completion_tokens"] = fields.pop("max_output_tokens")
    request = request_body.decode({**fields, "messages": messages})
    return msgspec.structs.replace(request, model=model, system_prompt=system_prompt or request.system_prompt)
