"""Tries a service for ``penstock doctor``: its list of models, then the begin of an answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from penstock.core.errors import ProviderError, UpstreamEndedError
from penstock.core.events import StepStarted
from penstock.core.messages import TextPart
from penstock.core.requests import InputMessage, ModelRequest, Options
from penstock.providers.answer_stream import AnswerStream, Caller
from penstock.providers.error_shapes import read_error_body
from penstock.providers.foreign_json import as_list, as_object, as_text, parse_json, scrub_text
from penstock.providers.http_client import StalePoolError

_LIST_BYTES: Final = 4 * 1024 * 1024
_LIST_S: Final = 15.0
_OK: Final = 200


@dataclass(frozen=True, kw_only=True)
class ModelList:
    """The models that a service names, or why it did not."""

    models: tuple[str, ...] = ()
    error: ProviderError | None = None


@dataclass(frozen=True, kw_only=True)
class ProbeReport:
    """What a trial found. ``error`` is None when the model answered."""

    is_answering: bool
    model: str | None = None
    """The model that says it answered."""
    first_event_ms: float | None = None
    error: ProviderError | None = None
    models: ModelList = ModelList()
    """Not every service has a list, so an error here is a hint, no fault."""


async def list_models(caller: Caller, url: str) -> ModelList:
    """Ask for the list of models."""
    call = caller.http.call()
    try:
        headers = await caller.deployment.headers()
        async with asyncio.timeout(_LIST_S):
            status = await asyncio.create_task(call.start("GET", url, headers=headers))
            body = await call.read_whole(_LIST_BYTES)
        call.finish()
    except ProviderError as error:
        return ModelList(error=error)
    except (TimeoutError, StalePoolError):
        call.cut()
        message = f"{caller.deployment.service_name} did not answer when asked for its models."
        return ModelList(error=ProviderError(message, code="timeout"))
    if status != _OK:
        return ModelList(error=read_error_body(caller.service(""), body, status=status).error)
    try:
        listed = as_list(as_object(parse_json(body)).get("data"))
    except ValueError:
        listed = []
    names = [as_text(as_object(item).get("id")) for item in listed]
    return ModelList(models=tuple(scrub_text(name) for name in names if name))


async def probe(caller: Caller, models_url: str, model: str) -> ProbeReport:
    """Ask for the list, then for an answer of a few tokens, which is cut when it begins."""
    models = await list_models(caller, models_url)
    question = InputMessage(role="user", parts=(TextPart(text="Say hi."),))
    request = ModelRequest(model=model, messages=(question,), options=Options(max_output_tokens=16))
    stream = AnswerStream(caller, request)
    begun_at = caller.settings.chance.monotonic()
    try:
        started = await _first_step(stream)
    except ProviderError as error:
        return ProbeReport(is_answering=False, error=error, models=models)
    finally:
        await stream.close()
    first_event_ms = (caller.settings.chance.monotonic() - begun_at) * 1000
    return ProbeReport(is_answering=True, model=started.model, first_event_ms=first_event_ms, models=models)


async def _first_step(stream: AnswerStream) -> StepStarted:
    async for batch in stream:
        for event in batch:
            if isinstance(event, StepStarted):
                return event
    message = "The service ended its answer before it began."
    raise UpstreamEndedError(message)
