"""The HTTP face: Azure's routes, in the order in which the service itself refuses.

Credentials first, then the API version, the body, the fault that was asked for, the parameters; then an answer.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Mapping

import msgspec
from aiohttp import web
from msgspec import Struct

from penstock.core.events import Json
from penstock.emulator import credentials, refusals
from penstock.emulator.calls import MODEL_NAMES, ChatCall, model_of, read_body, read_call
from penstock.emulator.composing import Composition, compose, stream_plan, whole_plan
from penstock.emulator.faults import Refuse, Reshape, Trigger, Turns, read_trigger
from penstock.emulator.legacy import read_prompt
from penstock.emulator.plan import Plan
from penstock.emulator.profiles import Profile, choose_profile
from penstock.emulator.refusals import Refusal, Reply
from penstock.emulator.sending import Sender
from penstock.emulator.tally import OpenAnswer, Tally, stats_of

_REQUEST_LIMIT = 2500
_TOKEN_LIMIT = 250_000
_MODEL_CREATED = 1_773_705_600


class Settings(Struct, frozen=True, kw_only=True):
    """How one emulator behaves."""

    profile: Profile
    api_key: str | None = None
    has_strict_audience: bool = False
    """Each surface accepts only the audience that its own documentation names."""
    seed: int = 0


class Service:
    """Answers requests; one per emulator."""

    def __init__(self, settings: Settings, tally: Tally) -> None:
        self._settings = settings
        self._tally = tally
        self._turns = Turns()
        self._requests = 0

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [
            web.post("/openai/v1/chat/completions", self._chat_v1),
            web.post("/v1/chat/completions", self._chat_v1),
            web.post("/openai/deployments/{deployment}/chat/completions", self._chat_classic),
            web.post("/openai/v1/completions", self._chat_v1),
            web.post("/v1/completions", self._chat_v1),
            web.post("/openai/deployments/{deployment}/completions", self._chat_classic),
            web.get("/openai/v1/models", self._models_v1),
            web.get("/v1/models", self._models_v1),
            web.get("/openai/models", self._models_classic),
            web.get("/emulator/stats", self._stats),
            web.route("*", "/{path:.*}", self._unknown),
        ]

    async def _chat_v1(self, request: web.Request) -> web.StreamResponse:
        try:
            self.check(request, is_classic=False)
            body = read_body(await request.read())
            return await self._chat(request, body, str(body.get("model", "")))
        except Refusal as refusal:
            return respond(refusal.reply)

    async def _chat_classic(self, request: web.Request) -> web.StreamResponse:
        try:
            self.check(request, is_classic=True)
            return await self._chat(request, read_body(await request.read()), request.match_info["deployment"])
        except Refusal as refusal:
            return respond(refusal.reply)

    async def _models_v1(self, request: web.Request) -> web.StreamResponse:
        return self._models(request, is_classic=False)

    async def _models_classic(self, request: web.Request) -> web.StreamResponse:
        return self._models(request, is_classic=True)

    async def _stats(self, request: web.Request) -> web.StreamResponse:
        del request
        return web.Response(body=msgspec.json.encode(stats_of(self._tally)), content_type="application/json")

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        del request
        return respond(refusals.unknown_resource())

    def _models(self, request: web.Request, *, is_classic: bool) -> web.StreamResponse:
        try:
            self.check(request, is_classic=is_classic)
        except Refusal as refusal:
            return respond(refusal.reply)
        return respond(refusals.json_reply(200, {"data": [_model(name) for name in MODEL_NAMES], "object": "list"}))

    def check(self, request: web.Request, *, is_classic: bool) -> None:
        """Refuse credentials and API versions, as the service does before all else."""
        audience = credentials.audience_of(is_classic=is_classic) if self._settings.has_strict_audience else None
        reply = credentials.refuse(request.headers, api_key=self._settings.api_key, audience=audience)
        if reply is not None:
            raise Refusal(reply)
        version = request.query.get("api-version")
        if is_classic and version is None:
            raise Refusal(refusals.unknown_resource())
        if not is_classic and version not in {None, "v1", "preview", "latest"}:
            message = "api-version query parameter is not allowed when using /v1 path"
            raise Refusal(refusals.coded(400, "BadRequest", message))

    async def _chat(self, request: web.Request, body: Mapping[str, Json], deployment: str) -> web.StreamResponse:
        trigger = self.trigger_of(request, deployment)
        version = request.query.get("api-version") if "deployment" in request.match_info else None
        is_text = not request.path.endswith("/chat/completions")
        call = read_call(read_prompt(body) if is_text else body, deployment, version)
        if is_text:
            call = msgspec.structs.replace(call, is_text=True)
        plan = bent(self._plan(request, call), trigger)
        return await self.send(request, plan, deployment)

    def trigger_of(self, request: web.Request, deployment: str) -> Trigger | None:
        """Give the fault that is asked for and due; raises `Refusal` for one that is a refusal."""
        try:
            trigger = read_trigger(deployment, request.headers.get("x-emulator-fault"))
        except KeyError as error:
            raise Refusal(refusals.coded(400, "UnknownFault", f"The emulator has no fault {error}.")) from error
        trigger = trigger if trigger is not None and self._turns.is_due(trigger) else None
        if trigger is not None and isinstance(trigger.fault.effect, Refuse):
            raise Refusal(trigger.fault.effect.build(trigger.parameters))
        return trigger

    def _plan(self, request: web.Request, call: ChatCall) -> Plan:
        composition, rng = self.compose(request, call)
        return stream_plan(composition, rng) if call.is_stream else whole_plan(composition, rng)

    def compose(self, request: web.Request, call: ChatCall) -> tuple[Composition, random.Random]:
        """Decide on an answer, repeatably: the same for the same seed and place in the order of requests."""
        self._requests += 1
        rng = random.Random(f"{self._settings.seed}:{self._requests}")  # noqa: S311 - repeatable, not secret
        return compose(call, self.profile_of(request, call.deployment), rng, now_s=time.time()), rng

    def profile_of(self, request: web.Request, deployment: str) -> Profile:
        """Give the latency profile that is asked for, or the emulator's own."""
        named = deployment.removeprefix("profile-") if deployment.startswith("profile-") else None
        asked = request.headers.get("x-emulator-profile", named)
        try:
            return self._settings.profile if asked is None else choose_profile(asked)
        except KeyError as error:
            raise Refusal(refusals.coded(400, "UnknownProfile", f"The emulator has no profile {error}.")) from error

    async def send(self, request: web.Request, plan: Plan, deployment: str) -> web.StreamResponse:
        """Send a plan, and count what becomes of it."""
        answer = self._tally.begin(str(uuid.uuid4()), deployment)
        is_closed = False
        try:
            headers = self._headers(request, answer)
            return await Sender(request, plan, answer, self._tally).send(headers)
        except (asyncio.CancelledError, ConnectionError):
            is_closed = not answer.is_cut_by_us
            raise
        finally:
            self._tally.end(answer, is_closed_by_client=is_closed)

    def _headers(self, request: web.Request, answer: OpenAnswer) -> Mapping[str, str]:
        left = _REQUEST_LIMIT - 1 - self._requests % _REQUEST_LIMIT
        return {
            "apim-request-id": answer.id,
            "azureml-model-session": "emulator",
            "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
            "x-content-type-options": "nosniff",
            "x-emulator": "penstock",
            "x-envoy-upstream-service-time": "74",
            "x-ms-client-request-id": request.headers.get("x-ms-client-request-id", answer.id),
            "x-ms-deployment-name": answer.deployment,
            "x-ms-region": "East US 2",
            "x-ratelimit-limit-requests": str(_REQUEST_LIMIT),
            "x-ratelimit-limit-tokens": str(_TOKEN_LIMIT),
            "x-ratelimit-remaining-requests": str(left),
            "x-ratelimit-remaining-tokens": str(_TOKEN_LIMIT * left // _REQUEST_LIMIT),
            "x-ratelimit-reset-requests": "10",
            "x-ratelimit-reset-tokens": "60",
            "x-request-id": answer.id,
        }


def bent(plan: Plan, trigger: Trigger | None) -> Plan:
    """Give the plan as the fault bends it."""
    if trigger is None or not isinstance(trigger.fault.effect, Reshape):
        return plan
    return trigger.fault.effect.apply(plan, trigger.parameters)


def respond(reply: Reply) -> web.Response:
    """Answer with a reply that is whole."""
    headers = {"apim-request-id": str(uuid.uuid4()), "x-ms-region": "East US 2", **reply.headers}
    return web.Response(status=reply.status, body=reply.body, headers={**headers, "Content-Type": reply.media_type})


def _model(name: str) -> Json:
    return {
        "capabilities": {
            "chat_completion": True,
            "completion": False,
            "embeddings": False,
            "fine_tune": False,
            "inference": True,
        },
        "created": _MODEL_CREATED,
        "created_at": _MODEL_CREATED,
        "id": model_of(name),
        "lifecycle_status": "generally-available",
        "object": "model",
        "owned_by": "azure",
        "status": "succeeded",
        "updated_at": _MODEL_CREATED,
    }
