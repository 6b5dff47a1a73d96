"""The HTTP face of the Responses API: streams, documents, and responses made in the background.

Those can be read again from any event on, and cancelled.
"""

from __future__ import annotations

import msgspec
from aiohttp import web

from penstock.emulator import refusals
from penstock.emulator.background import Job
from penstock.emulator.calls import read_body
from penstock.emulator.composing import stream_plan
from penstock.emulator.plan import Frame, Kind, Plan
from penstock.emulator.refusals import Refusal
from penstock.emulator.response_calls import read_response_call
from penstock.emulator.response_chunks import ResponseChunks
from penstock.emulator.service import Service, bent, respond
from penstock.emulator.tally import Tally

_PLACES = ("/openai/v1/responses", "/v1/responses")


class ResponseService:
    """Answers requests; one per emulator, beside its `Service`."""

    def __init__(self, service: Service, tally: Tally) -> None:
        self._service = service
        self._tally = tally
        self._jobs: dict[str, Job] = {}

    def routes(self) -> list[web.RouteDef]:
        """List the routes, which must come before those that refuse all others."""
        return [
            route
            for place in _PLACES
            for route in (
                web.post(place, self._create),
                web.get(f"{place}/{{id}}", self._retrieve),
                web.post(f"{place}/{{id}}/cancel", self._cancel),
            )
        ]

    async def close(self) -> None:
        """Make nothing more."""
        for job in self._jobs.values():
            await job.cancel()

    async def _create(self, request: web.Request) -> web.StreamResponse:
        try:
            self._service.check(request, is_classic=False)
            body = read_body(await request.read())
            deployment = str(body.get("model", ""))
            trigger = self._service.trigger_of(request, deployment)
            call = read_response_call(body)
            composition, rng = self._service.compose(request, call.chat)
        except Refusal as refusal:
            return respond(refusal.reply)
        chunks = ResponseChunks(composition.identity, composition.usage, is_background=call.is_background)
        accepted = dict(chunks.response)
        plan = stream_plan(composition, rng, chunks)
        if call.is_background:
            self._jobs[str(accepted["id"])] = Job(plan, chunks, accepted)
            if not call.chat.is_stream:
                return respond(refusals.json_reply(200, accepted))
        if not call.chat.is_stream:
            plan = _whole(plan, chunks)
        return await self._service.send(request, bent(plan, trigger), deployment)

    async def _retrieve(self, request: web.Request) -> web.StreamResponse:
        try:
            job = self._find(request)
            after = _read_number(request)
        except Refusal as refusal:
            return respond(refusal.reply)
        if request.query.get("stream") != "true":
            return respond(refusals.json_reply(200, job.response))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        async for event in job.follow(after):
            await response.write(event)
        await response.write_eof()
        return response

    async def _cancel(self, request: web.Request) -> web.StreamResponse:
        try:
            job = self._find(request)
        except Refusal as refusal:
            return respond(refusal.reply)
        await job.cancel()
        self._tally.cancelled_responses += job.is_cancelled
        return respond(refusals.json_reply(200, job.response))

    def _find(self, request: web.Request) -> Job:
        self._service.check(request, is_classic=False)
        job = self._jobs.get(request.match_info["id"])
        if job is None:
            message = f"Response with id '{request.match_info['id'][:80]}' not found."
            raise Refusal(refusals.json_reply(404, {"error": {"message": message, "type": "invalid_request_error"}}))
        return job


def _whole(plan: Plan, chunks: ResponseChunks) -> Plan:
    """Write the answer as one document, after the time that its stream would have taken."""
    wait_s = plan.headers_wait_s + sum(frame.wait_s for frame in plan.frames)
    tokens = sum(frame.tokens for frame in plan.frames)
    frame = Frame(Kind.DONE, msgspec.json.encode(chunks.response), tokens=tokens)
    return Plan(frames=(frame,), chunks=chunks, headers_wait_s=wait_s, media_type="application/json")


def _read_number(request: web.Request) -> int:
    try:
        return int(request.query.get("starting_after", "-1"))
    except ValueError as error:
        message = "Invalid 'starting_after': expected an integer."
        raise Refusal(refusals.invalid_request(message, param="starting_after")) from error
