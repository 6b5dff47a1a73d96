"""Requests of OpenAI's own clients: what is interpreted, what goes to the model service as it is, what is refused.

Refused is what Penstock's log can't keep, several answers to one question for one, and what it keeps by other names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

import msgspec

from penstock.core.events import Json
from penstock.core.messages import TextPart
from penstock.core.requests import ChatRequest, InputMessage
from penstock.wire import chat_body
from penstock.wire.fields import Fields, complain, read_text
from penstock.wire.request_options import read_options

_INTERPRETED: Final = frozenset(
    {
        "max_completion_tokens",
        "max_tokens",
        "message",
        "messages",
        "model",
        "n",
        "parallel_tool_calls",
        "reasoning_effort",
        "stop",
        "stream",
        "stream_options",
        "system",
        "systemPrompt",
        "system_prompt",
        "temperature",
        "tool_choice",
        "tools",
        "top_p",
    }
)
_OTHERWISE: Final[Mapping[str, str]] = {
    "functions": "is not taken: use tools",
    "function_call": "is not taken: use tool_choice",
    "audio": "is not taken: answers here are text",
    "conversation_id": "is not taken: nothing is kept here; POST /api/chat keeps conversations",
    "client_message_id": "is not taken: nothing is kept here; POST /api/chat keeps conversations",
}
_OTHERWISE_TEXT: Final[Mapping[str, str]] = {
    "suffix": "is not taken: the model services of today have no such thing",
    "logprobs": "is not taken: its shape is gone from the model services of today",
}


def read_switches(body: Mapping[str, Json]) -> dict[str, str]:
    """Read what of ``stream_options`` the answer's encoder must know."""
    fields = Fields(body)
    if not fields.has("stream_options"):
        return {}
    options = Fields(fields.get("stream_options"), fields.path("stream_options"))
    return {"include_usage": "1"} if options.flag("include_usage") else {}


def decode_chat(body: Mapping[str, Json]) -> ChatRequest:
    """Read a chat completion's request; raises `CallerError` that names the field."""
    fields = Fields(body)
    _refuse(fields, _OTHERWISE)
    _check_single(fields, "n")
    if fields.has("modalities") and fields.get("modalities") != ["text"]:
        raise complain(fields.path("modalities"), 'must be ["text"]: answers here are text')
    request = msgspec.structs.replace(chat_body.read(fields), is_streaming=_is_streaming(fields))
    return _with_extra(request, body, _INTERPRETED)


def decode_text(body: Mapping[str, Json]) -> ChatRequest:
    """Read a legacy completion's request: its prompt becomes the user's message."""
    fields = Fields(body)
    _refuse(fields, _OTHERWISE_TEXT)
    _check_single(fields, "n")
    _check_single(fields, "best_of")
    if fields.flag("echo"):
        raise complain(fields.path("echo"), "must be false: a chat model does not repeat the prompt")
    request = ChatRequest(
        messages=(InputMessage(role="user", parts=(TextPart(text=_read_prompt(fields)),)),),
        model=fields.name("model"),
        options=read_options(fields),
        is_streaming=_is_streaming(fields),
    )
    return _with_extra(request, body, _INTERPRETED | {"prompt", "best_of", "echo", "messages"})


def _is_streaming(fields: Fields) -> bool:
    """Whether to stream: OpenAI's default is one document, where Penstock's own is a stream."""
    return fields.flag("stream") is True


def _read_prompt(fields: Fields) -> str:
    path, prompt = fields.path("prompt"), fields.get("prompt")
    prompts = cast("list[Json]", prompt) if isinstance(prompt, list) else [prompt]
    if len(prompts) != 1 or not isinstance(prompts[0], str):
        raise complain(path, "must be one text: lists of prompts, and tokens, are not taken")
    return read_text(prompts[0], path)


def _refuse(fields: Fields, otherwise: Mapping[str, str]) -> None:
    for name, reason in otherwise.items():
        if fields.has(name):
            raise complain(name, reason)


def _check_single(fields: Fields, name: str) -> None:
    if fields.has(name) and fields.integer(name, low=1, high=128) != 1:
        raise complain(name, "must be 1: a run has one answer")


def _with_extra(request: ChatRequest, body: Mapping[str, Json], interpreted: frozenset[str]) -> ChatRequest:
    extra = {name: value for name, value in body.items() if name not in interpreted}
    options = msgspec.structs.replace(request.options, extra=extra or None)
    return msgspec.structs.replace(request, options=options)
