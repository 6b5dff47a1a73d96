"""OpenAI's Responses API, at OpenAI and on Azure OpenAI's v1 API: streams, and answers made in the background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from penstock.core.events import Json
from penstock.core.ports import ModelStream
from penstock.core.requests import ModelRequest
from penstock.providers.answer_stream import AnswerStream, Caller, CallSettings, Deployment
from penstock.providers.background_stream import BackgroundStream
from penstock.providers.chat_request import Quirks
from penstock.providers.error_shapes import Failure, Service
from penstock.providers.probe import ModelList, ProbeReport, list_models, probe
from penstock.providers.responses_events import ResponseDecoder
from penstock.providers.responses_request import learn, make_body


class Route(Deployment, Protocol):
    """Where the API is: the route ``responses`` of a service."""

    @property
    def models_url(self) -> str:
        """Where the models are listed."""
        ...

    async def close(self) -> None:
        """Release what it holds."""
        ...


@dataclass(frozen=True, kw_only=True)
class OpenAIResponsesSettings(CallSettings):
    """How the API is used."""

    name: str
    """The provider's stable name: prices are looked up by it."""
    is_background: bool = False
    """Let the service make answers in the background, and keep them, so that they outlive connections and instances."""


class OpenAIResponses:
    """Implements `penstock.core.ports.ResumingProvider`."""

    def __init__(self, route: Route, settings: OpenAIResponsesSettings) -> None:
        """Prepare; nothing is opened."""
        self._route = route
        self._settings = settings
        self._http = settings.make_http()
        self._caller = self._make_caller(is_background=settings.is_background)

    def __repr__(self) -> str:
        """Show whose API it is."""
        return f"OpenAIResponses(name={self.name!r}, is_background={self._settings.is_background})"

    @property
    def name(self) -> str:
        """The provider's stable name."""
        return self._settings.name

    def open(self, request: ModelRequest) -> ModelStream:
        """Prepare a call; nothing is sent before it is iterated."""
        kind = BackgroundStream if self._settings.is_background else AnswerStream
        return kind(self._caller, request)

    def resume(self, token: str) -> BackgroundStream:
        """Prepare to go on with an answer that another instance began."""
        return BackgroundStream.resume(self._caller, token)

    async def list_models(self) -> ModelList:
        """Ask which models the service has."""
        return await list_models(self._caller, self._route.models_url)

    async def probe(self, model: str) -> ProbeReport:
        """Try the endpoint, the credentials and one model, by a few tokens."""
        return await probe(self._make_caller(is_background=False), self._route.models_url, model)

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()
        await self._route.close()

    def _make_caller(self, *, is_background: bool) -> Caller:
        settings = self._settings
        return Caller(
            deployment=self._route,
            api=_ResponsesApi(is_background=is_background, family=settings.family),
            http=self._http,
            settings=settings,
            token_field="max_completion_tokens",  # noqa: S106 - the name of a field, no secret
        )


@dataclass(frozen=True, kw_only=True)
class _ResponsesApi:
    """Implements `penstock.providers.answer_stream.Api`."""

    is_background: bool
    family: str | None

    def make_body(self, request: ModelRequest, quirks: Quirks) -> dict[str, Json]:
        family = self.family or request.model
        return make_body(request, quirks, is_background=self.is_background, family=family)

    def learn(self, quirks: Quirks, failure: Failure, body: dict[str, Json]) -> Quirks | None:
        return learn(quirks, failure, body)

    def make_decoder(self, service: Service, *, step_index: int) -> ResponseDecoder:
        return ResponseDecoder(service, step_index=step_index)
