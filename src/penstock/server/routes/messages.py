"""New messages in a conversation: each starts a run and streams it, or answers at once with the run's place."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Request, Response

from penstock.core.errors import CallerError, NotFoundError
from penstock.core.messages import AttachmentPart, Part, Run, TextPart
from penstock.core.requests import ChatRequest, InputMessage, Options
from penstock.runs.attachments import MOST_FILES
from penstock.server.answers import answer_run, choose_dialect
from penstock.server.auth import owner_of
from penstock.server.bodies import check_id, read_body, read_idempotency_key
from penstock.server.json_answer import answer_json
from penstock.server.openapi import struct_body
from penstock.server.services import services_of
from penstock.wire.fields import read_text
from penstock.wire.request_options import read_image

router = APIRouter(prefix="/api/conversations/{conversation_id}/messages", tags=["conversations"])


class _Asked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What every request for an answer may name."""

    model: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    client_message_id: str | None = None
    options: Options = Options()


class NewMessage(_Asked, kw_only=True, forbid_unknown_fields=True):
    """A person's message. Without ``parent_id`` it follows the newest one; ``is_root`` makes it a branch at the top."""

    text: str
    parent_id: str | None = None
    is_root: bool = False
    system_prompt: str | None = None
    images: list[str] = []
    """``https:`` or ``data:`` URLs that go to the model."""
    attachments: list[str] = []
    """Ids of files that were uploaded before."""


class Regeneration(_Asked, kw_only=True, forbid_unknown_fields=True):
    """Another answer beside one that is there, or the rest of it."""


class Accepted(msgspec.Struct, kw_only=True):
    """The answer to ``Prefer: respond-async``."""

    run: Run
    message_id: str
    user_message_id: str | None


@router.post("", openapi_extra=struct_body(NewMessage))
async def send_message(request: Request, conversation_id: str) -> Response:
    """Add a message, start the run that answers it and stream it (`?wire=`, default `events`)."""
    body = await read_body(request, NewMessage)
    message = InputMessage(role="user", parts=(*await _find_attachments(request, body), *_read_parts(body)))
    chat_request = ChatRequest(
        messages=(message,),
        conversation_id=check_id(conversation_id, what="conversation"),
        client_message_id=_client_message_id(request, body.client_message_id),
        parent_id=body.parent_id,
        is_root=body.is_root,
        model=body.model,
        system_prompt=None if body.system_prompt is None else read_text(body.system_prompt, "system_prompt"),
        options=body.options,
    )
    return await _start(request, chat_request)


@router.post("/{message_id}/regenerate", openapi_extra=struct_body(Regeneration, is_required=False))
async def regenerate_message(request: Request, conversation_id: str, message_id: str) -> Response:
    """Answer again; the new answer stands beside the old one."""
    return await _ask_again(request, conversation_id, message_id, trigger="regenerate")


@router.post("/{message_id}/continue", openapi_extra=struct_body(Regeneration, is_required=False))
async def continue_message(request: Request, conversation_id: str, message_id: str) -> Response:
    """Write the rest of an answer that broke off, as a message that follows it; what was kept stays as it is."""
    return await _ask_again(request, conversation_id, message_id, trigger="continue")


async def _ask_again(
    request: Request, conversation_id: str, message_id: str, *, trigger: Literal["regenerate", "continue"]
) -> Response:
    body = await read_body(request, Regeneration)
    checked_id = check_id(conversation_id, what="conversation")
    await services_of(request).store.get_conversation(owner_of(request), checked_id)
    chat_request = ChatRequest(
        messages=(),
        trigger=trigger,
        conversation_id=checked_id,
        message_id=check_id(message_id, what="message"),
        client_message_id=_client_message_id(request, body.client_message_id),
        model=body.model,
        options=body.options,
    )
    return await _start(request, chat_request)


async def _start(request: Request, chat_request: ChatRequest) -> Response:
    is_async = "respond-async" in request.headers.get("prefer", "").lower()
    dialect = None if is_async else choose_dialect(request, default="events")
    begun = await services_of(request).engine.begin(owner_of(request), chat_request)
    run = begun.run
    if dialect is not None:
        return await answer_run(request, run, dialect)
    accepted = Accepted(run=run, message_id=run.message_id, user_message_id=run.parent_id)
    response = answer_json(accepted, status=202)
    response.headers["Location"] = f"/api/runs/{run.id}"
    response.headers["Preference-Applied"] = "respond-async"
    return response


def _client_message_id(request: Request, value: str | None) -> str | None:
    key = read_idempotency_key(request)
    return key if value is None else value


def _read_parts(body: NewMessage) -> tuple[Part, ...]:
    text = read_text(body.text, "text")
    if not (text.strip() or body.images or body.attachments):
        message = "The text is empty."
        raise CallerError(message, field="text")
    texts = (TextPart(text=text),) if text or not body.attachments else ()
    return (*texts, *(read_image(url, f"images.{i}") for i, url in enumerate(body.images)))


async def _find_attachments(request: Request, body: NewMessage) -> list[Part]:
    """Give the parts of uploaded files; they stand before the question, where models read best what it is about."""
    store = services_of(request).store
    parts: list[Part] = []
    for index, attachment_id in enumerate(body.attachments[: MOST_FILES + 1]):
        try:
            found = await store.get_attachment(owner_of(request), attachment_id)
        except NotFoundError as error:
            raise NotFoundError(error.message, field=f"attachments.{index}") from error
        parts.append(
            AttachmentPart(
                attachment_id=found.id,
                kind=found.kind,
                name=found.name,
                media_type=found.media_type,
                size_bytes=found.size_bytes,
            )
        )
    return parts
