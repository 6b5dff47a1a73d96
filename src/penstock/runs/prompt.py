"""The prompt that goes to the model: the path of the conversation, without what a service would choke on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from penstock.core.errors import ConflictError
from penstock.core.messages import DataPart, Message, Part, RefusalPart, SourcePart, TextPart, ToolPart
from penstock.core.ports import Model
from penstock.core.requests import ChatRequest, InputMessage, ModelRequest, Options
from penstock.runs.checks import last_user_index

CONTINUE: Final = (
    "Your last answer broke off. Continue it: write only what comes after its last character, beginning with the space "
    "or line break that belongs there, and neither repeat nor comment on anything."
)
"""What asks for the rest: services have no common way to go on in an answer, and those that have one differ."""


def make_prompt(
    model: Model, messages: Iterable[InputMessage], *, system_prompt: str | None, options: Options
) -> ModelRequest:
    """Put the prompt together; options that the request leaves open are the model's defaults."""
    return ModelRequest(
        model=model.service_name,
        messages=tuple(messages),
        system_prompt=system_prompt,
        options=_merged(options, model.defaults),
    )


def stateless_prompt(model: Model, request: ChatRequest) -> ModelRequest:
    """Put together what a request without a conversation asks: the whole history that was sent.

    Raises `CallerError` when nobody says anything in it.
    """
    leading, history = split_system(request.messages)
    system_prompt = request.system_prompt or leading
    if request.trigger == "regenerate":
        history = history[: last_user_index(history) + 1]
    elif not system_prompt or any(message.role == "user" for message in history):
        last_user_index(history)  # who speaks must say something; a system prompt alone is a whole prompt too
    return make_prompt(model, history, system_prompt=system_prompt, options=request.options)


def kept_history(path: Iterable[Message]) -> list[InputMessage]:
    """Read kept messages back as a prompt.

    A stopped or interrupted answer stays in with the text it has: the person saw it. With its continuations it is one
    answer. An answer without any words is left out, and so are tool calls that nothing answered, for services refuse
    both.
    """
    history: list[InputMessage] = []
    for message in path:
        if message.role == "system":
            continue
        parts = tuple(part for part in message.parts if _is_sendable(part))
        if message.role == "user" or any(isinstance(part, (TextPart, RefusalPart, ToolPart)) for part in parts):
            history.append(InputMessage(role=message.role, parts=parts, id=message.id))
    return [_joined(group) for group in _answers(history)]


def continued_history(path: Iterable[Message]) -> list[InputMessage]:
    """Read the way to an answer that broke off back as a prompt for its rest."""
    history = kept_history(path)
    if not history or history[-1].role != "assistant":
        message = "This answer has no words to go on from. Regenerate it."
        raise ConflictError(message, field="message_id")
    return [*history, InputMessage(role="user", parts=(TextPart(text=CONTINUE),))]


def split_system(messages: tuple[InputMessage, ...]) -> tuple[str | None, tuple[InputMessage, ...]]:
    """Take the leading system messages of a history apart from it, as one text."""
    count = 0
    while count < len(messages) and messages[count].role == "system":
        count += 1
    texts = [text_of(message.parts) for message in messages[:count]]
    return "\n\n".join(text for text in texts if text) or None, messages[count:]


def text_of(parts: Iterable[Part]) -> str:
    """Join the text parts."""
    return "".join(part.text for part in parts if isinstance(part, TextPart))


def _answers(history: Iterable[InputMessage]) -> Iterator[list[InputMessage]]:
    """Group what belongs together: every user message alone, every answer with its continuations."""
    group: list[InputMessage] = []
    for message in history:
        if group and not (message.role == group[-1].role == "assistant"):
            yield group
            group = []
        group.append(message)
    if group:
        yield group


def _joined(group: list[InputMessage]) -> InputMessage:
    return msgspec.structs.replace(group[0], parts=tuple(part for message in group for part in message.parts))


def _is_sendable(part: Part) -> bool:
    match part:
        case TextPart() | RefusalPart():
            return bool(part.text)
        case ToolPart():
            return part.state in {"done", "failed"}
        case SourcePart() | DataPart():
            return False
        case _:
            return True


def _merged(options: Options, defaults: Options) -> Options:
    chosen = {name: value for name, value in msgspec.structs.asdict(options).items() if value is not None}
    return msgspec.structs.replace(defaults, **chosen)
