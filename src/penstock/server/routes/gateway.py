"""The gateway: OpenAI's and Azure OpenAI's own routes, so that their clients stream through Penstock unchanged.

Stateless: nothing is kept beyond the run and its log. The service's refusal is an HTTP status, as these clients expect,
so an answer begins only once the service has accepted the call. Closing the connection is the only way they have to
stop an answer: when it goes, and nobody else follows the run, the run is stopped. Keys that they send are ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request, Response
from msgspec import structs
from starlette.types import Receive, Scope, Send

from penstock.core.errors import NotFoundError
from penstock.core.events import Json, StepStarted
from penstock.core.messages import Run
from penstock.core.ports import ModelInfo
from penstock.core.requests import ChatRequest
from penstock.server.answers import answer_run, find_dialect
from penstock.server.auth import owner_of
from penstock.server.bodies import read_json_object
from penstock.server.departure import DepartedError, unless_departed
from penstock.server.json_answer import answer_json
from penstock.server.openai_errors import OpenAiRoute
from penstock.server.openapi import body_of, streams_of
from penstock.server.services import services_of
from penstock.wire.dialect import Dialect
from penstock.wire.openai_body import decode_chat, decode_text
from penstock.wire.openai_words import AZURE

router = APIRouter(tags=["gateway"], route_class=OpenAiRoute)

_CLIENT_CLOSED: Final = 499
_BODY: Final = {**body_of({"type": "object", "description": "As OpenAI's API reference has it."})}
_ANSWER: Final = streams_of("Chunks, or one document without `stream`.")
_METHODS: Final = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@router.post("/v1/chat/completions", openapi_extra=_BODY, responses=_ANSWER)
@router.post("/openai/v1/chat/completions", openapi_extra=_BODY, responses=_ANSWER)
async def complete_chat(request: Request) -> Response:
    """Answer a chat completion request of OpenAI's, or of Azure's v1 API."""
    body = await read_json_object(request)
    return await _answer(request, body, decode_chat(body), "openai")


@router.post("/openai/deployments/{model:path}/chat/completions", openapi_extra=_BODY, responses=_ANSWER)
async def complete_deployment_chat(request: Request, model: str) -> Response:
    """Answer a chat completion request of Azure's classic API; any `api-version` is taken."""
    body = await read_json_object(request)
    return await _answer(request, body, structs.replace(decode_chat(body), model=model), "openai")


@router.post("/v1/completions", openapi_extra=_BODY, responses=_ANSWER)
@router.post("/openai/v1/completions", openapi_extra=_BODY, responses=_ANSWER)
async def complete_text(request: Request) -> Response:
    """Answer a legacy completion request: the prompt is what the user says."""
    body = await read_json_object(request)
    return await _answer(request, body, decode_text(body), "openai-text")


@router.post("/openai/deployments/{model:path}/completions", openapi_extra=_BODY, responses=_ANSWER)
async def complete_deployment_text(request: Request, model: str) -> Response:
    """Answer a legacy completion request of Azure's classic API."""
    body = await read_json_object(request)
    return await _answer(request, body, structs.replace(decode_text(body), model=model), "openai-text")


@router.get("/v1/models")
@router.get("/openai/v1/models")
@router.get("/openai/models")
async def list_models(request: Request) -> Response:
    """List the configured models."""
    models = [_describe(info) for info in services_of(request).catalog.list()]
    return answer_json({"object": "list", "data": models})


@router.get("/v1/models/{model:path}")
@router.get("/openai/v1/models/{model:path}")
@router.get("/openai/models/{model:path}")
async def get_model(request: Request, model: str) -> Response:
    """Describe one model."""
    return answer_json(_describe(services_of(request).catalog.find(model).info))


@router.api_route("/v1/{path:path}", methods=_METHODS, include_in_schema=False)
@router.api_route("/openai/{path:path}", methods=_METHODS, include_in_schema=False)
async def refuse_other(request: Request) -> Response:
    """Say that there is no more of OpenAI's API here."""
    message = f"There is no {request.method} {request.url.path[:200]} here: the gateway has completions and models."
    raise NotFoundError(message, code="unknown_url")


async def _answer(request: Request, body: Mapping[str, Json], chat_request: ChatRequest, wire: str) -> Response:
    services, owner = services_of(request), owner_of(request)
    dialect = find_dialect(services, wire)
    switches = dict(dialect.read_switches(body))
    if request.url.path.startswith("/openai/"):
        switches[AZURE] = "1"
    begun = await services.engine.begin(owner, chat_request)
    form = dialect if chat_request.is_streaming else dialect.whole or dialect
    try:
        answer = await unless_departed(request.receive, _prepare(request, begun.run, form, switches))
    except DepartedError:
        await services.engine.abandon(owner, begun.run.id)
        return Response(status_code=_CLIENT_CLOSED)
    answer.headers["x-request-id"] = begun.run.id
    return _Connected(answer, request, begun.run)


async def _prepare(request: Request, run: Run, form: Dialect, switches: Mapping[str, str]) -> Response:
    """Make the answer once it is known whether the service accepts the call: a refusal is no stream."""
    is_refused = not form.is_whole and not await _is_accepted(request, run)
    return await answer_run(request, run, (form.whole or form) if is_refused else form, switches=switches)


async def _is_accepted(request: Request, run: Run) -> bool:
    """Wait until the service answers; False when the run ended before."""
    follower = await services_of(request).engine.follow(owner_of(request), run.id)
    try:
        while not follower.is_ended:
            events = [event for batch in await follower.read() for event in batch.events]
            if any(isinstance(event, StepStarted) for event in events):
                return True
    finally:
        follower.close()
    return False


class _Connected(Response):
    """An answer whose run ends with its connection, unless somebody else follows it."""

    def __init__(self, answer: Response, request: Request, run: Run) -> None:
        super().__init__()
        self._answer = answer
        self._request = request
        self._run = run

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._answer(scope, receive, send)
        finally:
            await services_of(self._request).engine.abandon(owner_of(self._request), self._run.id)


def _describe(info: ModelInfo) -> dict[str, Json]:
    return {"id": info.id, "object": "model", "created": 0, "owned_by": info.provider}
