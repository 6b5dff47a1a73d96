"""``POST /api/chat`` in every dialect, its aliases, and the AI SDK's resume and stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
from fastapi import APIRouter, Request, Response

from penstock.core.errors import NotFoundError
from penstock.core.events import Json
from penstock.core.requests import ChatRequest
from penstock.server.answers import answer_run, choose_dialect
from penstock.server.auth import owner_of
from penstock.server.bodies import check_id, read_idempotency_key, read_json_object
from penstock.server.json_answer import answer_json
from penstock.server.openapi import body_of, streams_of
from penstock.server.services import services_of
from penstock.wire.dialect import Dialect
from penstock.wire.negotiation import choose_named

router = APIRouter(tags=["chat"])

_CHAT: Final = {**body_of({"type": "object", "description": "A chat request in any dialect; its shape tells which."})}


@router.post("/api/chat", openapi_extra=_CHAT, responses=streams_of("The answer, in the dialect chosen."))
@router.post("/api/chat/stream", openapi_extra=_CHAT, responses=streams_of("The answer."))
@router.post("/chat/stream", openapi_extra=_CHAT, responses=streams_of("The answer."))
async def chat(request: Request) -> Response:
    """Answer a chat request; the dialect is chosen by `?wire=`, `Accept`, the body's shape, then `sse`."""
    body = await read_json_object(request)
    return await _answer(request, body, choose_dialect(request, default="sse", body=body))


@router.post("/chat", openapi_extra=_CHAT, responses=streams_of("The whole answer as JSON, unless asked otherwise."))
async def chat_whole(request: Request) -> Response:
    """Answer a chat request with one JSON document, unless the request says otherwise."""
    body = await read_json_object(request)
    return await _answer(request, body, choose_dialect(request, default="json", body=body, is_bare=True))


@router.post("/api/as/{wire}/chat", openapi_extra=_CHAT, responses=streams_of("The answer, in that dialect."))
async def chat_as(request: Request, wire: str) -> Response:
    """Answer a chat request in the dialect that the path names, whole where its clients mean that by this path."""
    return await _answer(request, await read_json_object(request), _choose_pinned(request, wire, is_bare=True))


@router.post("/api/as/{wire}/chat/stream", openapi_extra=_CHAT, responses=streams_of("The answer, in that dialect."))
async def stream_as(request: Request, wire: str) -> Response:
    """Stream the answer to a chat request in the dialect that the path names."""
    return await _answer(request, await read_json_object(request), _choose_pinned(request, wire, is_bare=False))


@router.get("/api/chat/{conversation_id}/stream", responses=streams_of("The live answer from its start."))
async def resume_chat(request: Request, conversation_id: str) -> Response:
    """Replay the conversation's live answer from its start and go on with it; 204 when nothing runs."""
    services = services_of(request)
    checked_id = check_id(conversation_id, what="conversation")
    run = await services.engine.find_live_run(owner_of(request), checked_id)
    if run is None:
        return Response(status_code=204)
    return await answer_run(request, run, choose_dialect(request, default="ui-message-stream"))


@router.post("/api/chat/{conversation_id}/stop")
async def stop_chat(request: Request, conversation_id: str) -> Response:
    """Stop the conversation's live answer and give the receipt."""
    services = services_of(request)
    owner = owner_of(request)
    run = await services.engine.find_live_run(owner, check_id(conversation_id, what="conversation"))
    if run is None:
        message = "Nothing runs in this conversation."
        raise NotFoundError(message, code="no_active_run")
    return answer_json(await services.engine.stop(owner, run.id))


def _choose_pinned(request: Request, wire: str, *, is_bare: bool) -> Dialect:
    accept = request.headers.get("accept")
    return choose_named(services_of(request).dialects, wire, accept=accept, is_bare=is_bare)


async def _answer(request: Request, body: Mapping[str, Json], dialect: Dialect) -> Response:
    services = services_of(request)
    reader = next((known for known in services.dialects if known.recognise(body)), dialect)
    chat_request = _with_idempotency_key(request, reader.decode(body))
    switches = dialect.read_switches(body)
    begun = await services.engine.begin(owner_of(request), chat_request)
    form = dialect if chat_request.is_streaming else dialect.whole or dialect
    return await answer_run(request, begun.run, form, switches=switches)


def _with_idempotency_key(request: Request, chat_request: ChatRequest) -> ChatRequest:
    key = read_idempotency_key(request)
    if key is None or chat_request.client_message_id is not None:
        return chat_request
    return msgspec.structs.replace(chat_request, client_message_id=key)
