"""Attachments on their way to the model: images as data URLs, text files as text, and a word for what can't go."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Final

import msgspec

from penstock.core.errors import CallerError, NotFoundError
from penstock.core.messages import AttachmentPart, ImagePart, Message, Part, TextPart
from penstock.core.ports import Files, Model
from penstock.core.requests import InputMessage, ModelRequest

MOST_BYTES: Final = 24 * 1024 * 1024
"""What one prompt carries, newest first: services refuse more, and memory is shared by all who write."""
MOST_FILES: Final = 10


def check_attachments(messages: Iterable[Message], model: Model) -> None:
    """Refuse what a person would believe the model sees, and more than a message may carry."""
    for message in messages:
        carried = [part for part in message.parts if isinstance(part, AttachmentPart)]
        if len(carried) > MOST_FILES:
            text = f"A message carries {MOST_FILES} files at most."
            raise CallerError(text, field="attachments")
        if any(part.kind == "image" for part in carried) and not _sees(model):
            text = f"The model {model.info.name} does not see images: choose another one, or remove the image."
            raise CallerError(text, field="attachments", code="model_sees_no_images")


async def load_attachments(prompt: ModelRequest, model: Model, files: Files) -> ModelRequest:
    """Put the bytes into the prompt, where there are any to put."""
    left_bytes = MOST_BYTES
    loaded: list[InputMessage] = []
    for message in reversed(prompt.messages):
        parts: list[Part] = []
        for part in message.parts:
            if isinstance(part, AttachmentPart):
                left_bytes -= part.size_bytes
                parts.append(await _load(part, files) if left_bytes >= 0 and _fits(part, model) else _left_out(part))
            else:
                parts.append(part)
        loaded.append(msgspec.structs.replace(message, parts=tuple(parts)))
    return msgspec.structs.replace(prompt, messages=tuple(reversed(loaded)))


def has_attachments(prompt: ModelRequest) -> bool:
    """Whether anything has to be loaded."""
    return any(isinstance(part, AttachmentPart) for message in prompt.messages for part in message.parts)


async def _load(part: AttachmentPart, files: Files) -> Part:
    try:
        data = await files.read(part.attachment_id)
    except NotFoundError:
        return _left_out(part)
    match part.kind:
        case "image":
            encoded = base64.b64encode(data).decode()
            return ImagePart(url=f"data:{part.media_type};base64,{encoded}", media_type=part.media_type)
        case "text":
            text = data.decode("utf-8-sig", "replace")
            return TextPart(text=f'<file name="{_escape(part.name)}">\n{text}\n</file>\n\n')


def _left_out(part: AttachmentPart) -> TextPart:
    return TextPart(text=f"[The file {_escape(part.name)} is not shown to you.]\n\n")


def _fits(part: AttachmentPart, model: Model) -> bool:
    return part.kind == "text" or _sees(model)


def _sees(model: Model) -> bool:
    return "images" in model.info.capabilities


def _escape(name: str) -> str:
    return name.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
