"""Conversations: list, read, change, delete, restore, export."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from fastapi import APIRouter, Request, Response

from penstock.core.errors import CallerError, ConflictError
from penstock.core.messages import Conversation, Message, Run
from penstock.core.spending import Spending, add_up_conversation
from penstock.server.auth import owner_of
from penstock.server.bodies import check_id, read_body
from penstock.server.json_answer import answer_if_changed, answer_json
from penstock.server.openapi import struct_body
from penstock.server.services import Services, services_of
from penstock.server.transcript import write_markdown
from penstock.wire.fields import read_text

router = APIRouter(prefix="/api/conversations", tags=["conversations"])

_PAGE_LIMIT: Final = 200

_Title = Annotated[str, msgspec.Meta(max_length=500)]


class NewConversation(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What ``POST /api/conversations`` takes; the client may choose the id."""

    id: str | None = None
    title: _Title | None = None
    model: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    system_prompt: str | None = None


class ConversationChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What ``PATCH`` takes: what stands there is changed; ``version`` is the one that was read (or ``If-Match``)."""

    title: _Title | msgspec.UnsetType | None = msgspec.UNSET
    model: str | msgspec.UnsetType | None = msgspec.UNSET
    system_prompt: str | msgspec.UnsetType | None = msgspec.UNSET
    pinned: bool | msgspec.UnsetType = msgspec.UNSET
    version: int | None = None


class OpenedConversation(msgspec.Struct, kw_only=True):
    """A conversation, its message tree, what runs in it, and what it took so far."""

    conversation: Conversation
    messages: list[Message]
    active_run: Run | None
    spending: Spending


@router.get("")
async def list_conversations(
    request: Request, q: str | None = None, cursor: str | None = None, limit: str | None = None
) -> Response:
    """List the conversations, pinned first, then newest first; `q` searches titles and text, and says where.

    The answer has an ETag, so that who looks every few seconds hears 304 when there is nothing new.
    """
    size = _read_limit(limit)
    store = services_of(request).store
    page = await store.list_conversations(owner_of(request), query=q or None, cursor=cursor or None, limit=size)
    return answer_if_changed(request, page)


@router.post("", status_code=201, openapi_extra=struct_body(NewConversation, is_required=False))
async def create_conversation(request: Request) -> Response:
    """Create a conversation."""
    services = services_of(request)
    body = await read_body(request, NewConversation)
    _check_model(services, body.model)
    _check_texts({"title": body.title, "system_prompt": body.system_prompt})
    now = services.clock.now()
    conversation = await services.store.create_conversation(
        Conversation(
            id=_read_new_id(body.id) or services.ids.make("conv"),
            owner=owner_of(request),
            title=body.title,
            title_source="person" if body.title else None,
            model=body.model,
            system_prompt=body.system_prompt,
            created_at=now,
            updated_at=now,
        )
    )
    response = _answer_conversation(conversation, status=201)
    response.headers["Location"] = f"/api/conversations/{conversation.id}"
    return response


@router.get("/{conversation_id}")
async def open_conversation(request: Request, conversation_id: str) -> Response:
    """Give the conversation, its messages (parents before children) and the run that is live in it."""
    services = services_of(request)
    owner = owner_of(request)
    checked_id = check_id(conversation_id, what="conversation")
    # The run is looked up first: when it ends in between, its message is in the list, and never in neither.
    active_run = await services.engine.find_live_run(owner, checked_id)
    conversation = await services.store.get_conversation(owner, checked_id)
    messages = await services.store.list_messages(owner, checked_id)
    if active_run is None and messages and messages[-1].role == "user":
        # The question may have come in between: then its run is there now, or its answer already.
        active_run = await services.engine.find_live_run(owner, checked_id)
        messages = await services.store.list_messages(owner, checked_id)
    if active_run is not None and any(message.id == active_run.message_id for message in messages):
        active_run = None
    spending = add_up_conversation(conversation, await services.store.list_runs(owner, checked_id))
    opened = OpenedConversation(conversation=conversation, messages=messages, active_run=active_run, spending=spending)
    response = answer_json(opened)
    response.headers["ETag"] = f'"{conversation.version}"'
    return response


@router.patch("/{conversation_id}", openapi_extra=struct_body(ConversationChange))
async def change_conversation(request: Request, conversation_id: str) -> Response:
    """Change title, model, system prompt or pin.

    When somebody else changed it since it was read: 409 for a `version` in the body, 412 for one in `If-Match`.
    """
    services = services_of(request)
    body = await read_body(request, ConversationChange)
    fields = {name: getattr(body, name) for name in ("title", "model", "system_prompt", "pinned")}
    changes = {name: value for name, value in fields.items() if value is not msgspec.UNSET}
    if "model" in changes and body.model is not msgspec.UNSET:
        _check_model(services, body.model)
    _check_texts(changes)
    try:
        conversation = await services.store.update_conversation(
            owner_of(request),
            check_id(conversation_id, what="conversation"),
            version=_read_version(request, body.version),
            changes=changes,
        )
    except ConflictError as error:
        if body.version is not None:
            raise
        raise CallerError(error.message, field="If-Match", code="precondition_failed") from error
    return _answer_conversation(conversation)


@router.get("/{conversation_id}/usage")
async def show_usage(request: Request, conversation_id: str) -> Response:
    """Give the tokens and the money of all runs of the conversation, also of answers that another one stands beside."""
    services = services_of(request)
    owner = owner_of(request)
    checked_id = check_id(conversation_id, what="conversation")
    conversation = await services.store.get_conversation(owner, checked_id)
    return answer_json(add_up_conversation(conversation, await services.store.list_runs(owner, checked_id)))


@router.post("/{conversation_id}/seen")
async def mark_seen(request: Request, conversation_id: str) -> Response:
    """Note that its owner looks at it now: an answer that ended before is no longer unseen, on any device."""
    services = services_of(request)
    checked_id = check_id(conversation_id, what="conversation")
    conversation = await services.store.mark_seen(owner_of(request), checked_id, at=services.clock.now())
    return _answer_conversation(conversation)


@router.delete("/{conversation_id}")
async def delete_conversation(request: Request, conversation_id: str) -> Response:
    """Delete the conversation; it can be restored. What is being written in it is stopped: nobody waits for it."""
    services = services_of(request)
    owner = owner_of(request)
    checked_id = check_id(conversation_id, what="conversation")
    conversation = await services.store.delete_conversation(owner, checked_id, at=services.clock.now())
    live = await services.engine.find_live_run(owner, checked_id)
    if live is not None:
        await services.engine.stop(owner, live.id)
    return _answer_conversation(conversation)


@router.post("/{conversation_id}/restore")
async def restore_conversation(request: Request, conversation_id: str) -> Response:
    """Undo the deletion."""
    services = services_of(request)
    checked_id = check_id(conversation_id, what="conversation")
    conversation = await services.store.restore_conversation(owner_of(request), checked_id)
    return _answer_conversation(conversation)


@router.get("/{conversation_id}/export")
async def export_conversation(request: Request, conversation_id: str, format: str = "markdown") -> Response:  # noqa: A002 - the query's name is the contract
    """Give the whole tree as JSON, or the newest branch as Markdown, to be saved as a file."""
    kind = _read_format(format)
    services = services_of(request)
    owner = owner_of(request)
    checked_id = check_id(conversation_id, what="conversation")
    conversation = await services.store.get_conversation(owner, checked_id)
    messages = await services.store.list_messages(owner, checked_id)
    match kind:
        case "markdown":
            text = write_markdown(conversation, messages)
            response = Response(text, media_type="text/markdown; charset=utf-8")
        case "json":
            response = answer_json({"conversation": conversation, "messages": messages})
    suffix = "md" if kind == "markdown" else "json"
    response.headers["Content-Disposition"] = f'attachment; filename="conversation-{checked_id}.{suffix}"'
    return response


def _answer_conversation(conversation: Conversation, *, status: int = 200) -> Response:
    response = answer_json(conversation, status=status)
    response.headers["ETag"] = f'"{conversation.version}"'
    return response


def _check_model(services: Services, model: str | None) -> None:
    if model is not None:
        services.catalog.find(model)


def _check_texts(fields: Mapping[str, object]) -> None:
    """Refuse text that not every store can take."""
    for name, value in fields.items():
        if isinstance(value, str):
            read_text(value, name)


def _read_new_id(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        return check_id(value, what="conversation")
    except CallerError as error:
        message = "An id is 1 to 64 letters, digits, - or _."
        raise CallerError(message, field="id") from error


def _read_version(request: Request, version: int | None) -> int:
    if version is not None:
        return version
    tag = request.headers.get("if-match", "").removeprefix("W/").strip('"')
    if tag.isascii() and tag.isdecimal() and len(tag) < 16:  # noqa: PLR2004 - what a version can have in digits
        return int(tag)
    message = "Send the version that was read, as the field version or in If-Match."
    raise CallerError(message, field="version", code="version_required")


def _read_limit(limit: str | None) -> int:
    if limit is None:
        return 50
    if limit.isascii() and limit.isdecimal() and 1 <= int(limit[:6]) <= _PAGE_LIMIT:
        return int(limit)
    message = f"limit must be a whole number from 1 to {_PAGE_LIMIT}."
    raise CallerError(message, field="limit")


def _read_format(value: str) -> Literal["markdown", "json"]:
    match value:
        case "markdown" | "json":
            return value
        case _:
            message = "format must be markdown or json."
            raise CallerError(message, field="format")
