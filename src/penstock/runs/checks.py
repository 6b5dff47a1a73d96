"""What a request must fulfil before anything is written: each refusal names the field at fault."""

from __future__ import annotations

import re
from typing import Final

from penstock.core.errors import CallerError
from penstock.core.messages import AttachmentPart, ImagePart, Part, TextPart
from penstock.core.requests import ChatRequest, InputMessage

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CLIENT_ID_LENGTH: Final = 128


def check_request(request: ChatRequest) -> None:
    """Refuse a request that can't become a run, whatever is stored."""
    if request.conversation_id is not None and not _ID.fullmatch(request.conversation_id):
        message = "A conversation id has 1 to 64 characters of A-Z, a-z, 0-9, '_' and '-'."
        raise CallerError(message, field="conversation_id")
    _check_client_id("client_message_id", request.client_message_id)
    _check_client_id("parent_id", request.parent_id)
    _check_client_id("message_id", request.message_id)
    _check_text("system_prompt", request.system_prompt or "")
    for index, message in enumerate(request.messages):
        for part in message.parts:
            _check_text(f"messages.{index}", _text_of(part))


def last_user_index(messages: tuple[InputMessage, ...]) -> int:
    """Find the newest user message; raises `CallerError` when there is none, or nothing in it."""
    for index in range(len(messages) - 1, -1, -1):
        if messages[index].role == "user":
            if not has_content(messages[index].parts):
                message = "The message is empty."
                raise CallerError(message, field=f"messages.{index}")
            return index
    message = "There is no user message to answer."
    raise CallerError(message, field="messages")


def has_content(parts: tuple[Part, ...]) -> bool:
    """Whether a person wrote anything: text that is not blank, an image, or a file."""
    return any(isinstance(part, ImagePart | AttachmentPart) or _text_of(part).strip() for part in parts)


def _check_client_id(field: str, value: str | None) -> None:
    if value is None:
        return
    if not 0 < len(value) <= _CLIENT_ID_LENGTH:
        message = f"An id here has 1 to {_CLIENT_ID_LENGTH} characters."
        raise CallerError(message, field=field)
    if not (value.isascii() and value.isprintable()):
        message = "An id here has printable ASCII characters only."
        raise CallerError(message, field=field)


def _check_text(field: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        message = "The text is not valid Unicode: it has half of a surrogate pair."
        raise CallerError(message, field=field) from error


def _text_of(part: Part) -> str:
    return part.text if isinstance(part, TextPart) else ""
