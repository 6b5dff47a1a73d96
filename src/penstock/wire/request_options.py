"""What every request shape shares: sampling options, the conversation's id, system prompts, texts and images."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, cast, get_args

from penstock.core.events import Json
from penstock.core.messages import ImageDetail, ImagePart, Part, TextPart
from penstock.core.requests import Effort, InputMessage, Options
from penstock.wire.fields import Fields, complain, read_text

MAX_MESSAGES: Final = 2_000
MAX_PARTS: Final = 256
MAX_URL: Final = 32 * 1024 * 1024
"""Characters of an image's URL: ``data:`` URLs hold the image itself."""
MAX_TOKENS: Final = 10_000_000
MAX_STOPS: Final = 16
MAX_TOOLS: Final = 128

_CONVERSATION_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_IMAGE_URL: Final = re.compile(r"https://[^\s]+|data:image/[a-zA-Z0-9.+-]+;base64,[A-Za-z0-9+/=_-]+")


def read_options(fields: Fields) -> Options:
    """Read the sampling options."""
    limit_field = "max_completion_tokens" if fields.has("max_completion_tokens") else "max_tokens"
    return Options(
        temperature=fields.number("temperature", low=0, high=2),
        top_p=fields.number("top_p", low=0, high=1),
        max_output_tokens=fields.integer(limit_field, low=1, high=MAX_TOKENS),
        reasoning_effort=cast("Effort | None", fields.choice("reasoning_effort", get_args(Effort))),
        stop=_read_stop(fields),
        tools=_read_tools(fields),
        tool_choice=_read_tool_choice(fields),
        parallel_tool_calls=fields.flag("parallel_tool_calls"),
    )


def read_conversation_id(fields: Fields, name: str) -> str | None:
    """Read an id that the client chose for its conversation."""
    conversation_id = fields.text(name)
    if conversation_id is not None and _CONVERSATION_ID.fullmatch(conversation_id) is None:
        raise complain(fields.path(name), "must be 1 to 64 letters, digits, '_' or '-'")
    return conversation_id


def read_image(url: Json, path: str, *, media_type: str | None = None, detail: ImageDetail | None = None) -> ImagePart:
    """Read an image's URL."""
    text = read_text(url, path, limit=MAX_URL)
    if _IMAGE_URL.fullmatch(text) is None:
        raise complain(path, "must be an https: URL or a base64 data: URL of an image")
    return ImagePart(url=text, media_type=media_type, detail=detail)


def read_content(fields: Fields, name: str, read_part: Callable[[Fields], Part]) -> tuple[Part, ...]:
    """Read what a message says in the shape that OpenAI's requests share: a text, or a list of parts."""
    path, content = fields.path(name), fields.get(name)
    if isinstance(content, str):
        return (TextPart(text=read_text(content, path)),) if content else ()
    if content is not None and not isinstance(content, list):
        raise complain(path, "must be a string or a list of parts")
    parts = fields.each(name, read_part, limit=MAX_PARTS)
    return tuple(part for part in parts if not isinstance(part, TextPart) or part.text)


def split_system_prompt(
    fields: Fields, messages: tuple[InputMessage, ...]
) -> tuple[str | None, tuple[InputMessage, ...]]:
    """Take the leading system messages out of the history; they join what the body says beside it."""
    count = next((i for i, message in enumerate(messages) if message.role != "system"), len(messages))
    beside = [fields.text(name) for name in ("system_prompt", "systemPrompt", "system")]
    leading = [part.text for message in messages[:count] for part in message.parts if isinstance(part, TextPart)]
    texts = [text for text in (*beside, *leading) if text]
    return "\n\n".join(texts) or None, messages[count:]


def _read_stop(fields: Fields) -> tuple[str, ...] | None:
    path = fields.path("stop")
    value = fields.get("stop")
    values = [value] if isinstance(value, str) else fields.items("stop", limit=MAX_STOPS)
    stops = tuple(read_text(stop, f"{path}[{i}]", limit=1_000) for i, stop in enumerate(values))
    if "" in stops:
        raise complain(path, "holds an empty string")
    return stops or None


def _read_tools(fields: Fields) -> tuple[Json, ...] | None:
    tools = fields.items("tools", limit=MAX_TOOLS)
    for i, tool in enumerate(tools):
        _check_tool(Fields(tool, f"{fields.path('tools')}[{i}]"))
    return tuple(tools) or None


def _check_tool(tool: Fields) -> None:
    """Check what every service asks of a function; tools that a service runs itself are its own business."""
    kind = tool.required_name("type")
    if kind == "custom":
        raise complain(tool.path("type"), "must be function: calls of custom tools have no JSON, and can't be kept")
    if kind != "function":
        return
    function = Fields(tool.get("function"), tool.path("function"))
    function.required_name("name")
    function.text("description")
    if function.has("parameters"):
        Fields(function.get("parameters"), function.path("parameters"))


def _read_tool_choice(fields: Fields) -> Json:
    value = fields.get("tool_choice")
    if value is not None and not isinstance(value, (str, dict)):
        raise complain(fields.path("tool_choice"), "must be a string or an object")
    return cast("Json", value)
