"""An answer that the service makes in the background: a connection that breaks is made again where it broke off.

Another instance can do the same with the `BackgroundStream.resume_token`. What stops it is not the end of a connection
but a call of its own. Source: OpenAI's guide "Background mode", ``starting_after`` and ``/cancel``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

import msgspec
from msgspec import Struct

from penstock.core.errors import ProviderError, UpstreamEndedError
from penstock.core.events import Event, Json
from penstock.core.requests import ModelRequest
from penstock.providers.answer_stream import AnswerStream, Api, Caller, Deployment
from penstock.providers.chat_request import Quirks
from penstock.providers.error_shapes import Failure, Service
from penstock.providers.http_client import StalePoolError
from penstock.providers.responses_events import ResponseDecoder, SavedDecoder
from penstock.providers.retry import SilenceError

_IDLE_AT_MOST: Final = 3
"""Connections in a row that brought nothing new."""
_STALE_AT_MOST: Final = 3
_NOT_FOUND: Final = 404
_SERVER_ERROR: Final = 500


class ResumeToken(Struct, frozen=True, kw_only=True):
    """All that goes on with an answer, as text that only this file reads."""

    model: str
    decoder: SavedDecoder


class BackgroundStream:
    """Implements `penstock.core.ports.ResumableStream`."""

    def __init__(self, caller: Caller, request: ModelRequest) -> None:
        """Prepare to ask; nothing is sent."""
        self._caller = caller
        self._model = request.model
        self._beginning = _Beginning(caller.api)
        self._decoder: ResponseDecoder | None = None
        self._part = AnswerStream(replace(caller, api=self._beginning), request)
        self._last_seq = -1
        self._idle = 0
        self._cancelled: bool | None = None

    @classmethod
    def resume(cls, caller: Caller, token: str) -> BackgroundStream:
        """Prepare to go on with an answer that another instance began."""
        saved = msgspec.json.decode(token, type=ResumeToken)
        stream = cls(caller, ModelRequest(model=saved.model, messages=()))
        stream._decoder = ResponseDecoder.restore(caller.service(saved.model), saved.decoder)
        stream._part = stream._go_on(stream._decoder)
        return stream

    def __repr__(self) -> str:
        """Show the answer."""
        return f"BackgroundStream(model={self._model!r}, decoder={self._reader()!r})"

    @property
    def resume_token(self) -> str | None:
        """What another instance needs to go on behind the batch given last; None while, or once, it can't."""
        decoder = self._reader()
        if decoder is None or not decoder.response_id or decoder.is_done:
            return None
        return msgspec.json.encode(ResumeToken(model=self._model, decoder=decoder.save())).decode()

    def __aiter__(self) -> AsyncIterator[tuple[Event, ...]]:
        """Iterate over batches of events; to be done once."""
        return self

    async def __anext__(self) -> tuple[Event, ...]:
        """Give the next batch, over another connection when one has broken off."""
        while True:
            try:
                return await anext(self._part)
            except ProviderError as error:
                decoder = self._reader()
                if self._decoder is not None and error.status == _NOT_FOUND:
                    message = f"{self._caller.deployment.service_name} does not have this answer any more."
                    raise UpstreamEndedError(message) from error
                if error.status is not None and decoder is None:
                    self._beginning.is_asked = False  # a refusal: the service made nothing
                if decoder is None or not self._may_go_on(decoder, error):
                    raise
                self._decoder = decoder
                await self._part.close()
                self._part = self._go_on(decoder)

    async def close(self) -> bool:
        """Cut the connection and cancel the answer at the service; True when both are certain."""
        is_closed = await self._part.close()
        if self._cancelled is None:
            self._cancelled = await self._cancel()
        return is_closed and self._cancelled

    async def leave(self) -> None:
        """Cut the connection and leave the service to its work."""
        self._cancelled = True
        await self._part.close()

    def _reader(self) -> ResponseDecoder | None:
        return self._decoder or self._beginning.decoder

    def _may_go_on(self, decoder: ResponseDecoder, error: ProviderError) -> bool:
        """Whether the service still makes this answer, as far as one can know, and it is worth to ask again."""
        is_broken = isinstance(error, UpstreamEndedError | SilenceError) or error.code == "connection"
        if not is_broken or not decoder.response_id or decoder.is_finished or self._cancelled is not None:
            return False
        self._idle = self._idle + 1 if decoder.seq == self._last_seq else 1
        self._last_seq = decoder.seq
        return self._idle <= _IDLE_AT_MOST

    def _go_on(self, decoder: ResponseDecoder) -> AnswerStream:
        deployment = _Rest(self._caller.deployment, f"{self._place(decoder)}?stream=true&starting_after={decoder.seq}")
        caller = replace(self._caller, api=_Continuation(decoder), deployment=deployment)
        return AnswerStream(caller, ModelRequest(model=self._model, messages=()))

    def _place(self, decoder: ResponseDecoder) -> str:
        return f"{self._caller.deployment.url(self._model)}/{quote(decoder.response_id, safe='')}"

    async def _cancel(self) -> bool:
        decoder = self._reader()
        if decoder is None or not decoder.response_id:
            # Asked and not told of an answer's id: what the service made of it can't be known.
            return not self._beginning.is_asked
        if decoder.is_finished:
            return True
        for _ in range(_STALE_AT_MOST):
            call = self._caller.http.call()
            try:
                headers = await self._caller.deployment.headers() | {"Content-Type": "application/json"}
                status = await call.start("POST", f"{self._place(decoder)}/cancel", headers=headers, body=b"{}")
            except StalePoolError:
                continue
            except ProviderError:
                return False
            finally:
                call.cut()
            # A refusal says that there is nothing to cancel any more.
            return status < _SERVER_ERROR
        return False


class _Beginning:
    """The API itself, and what came of asking."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.is_asked = False
        self.decoder: ResponseDecoder | None = None

    def make_body(self, request: ModelRequest, quirks: Quirks) -> dict[str, Json] | None:
        body = self._api.make_body(request, quirks)
        self.is_asked = True
        return body

    def learn(self, quirks: Quirks, failure: Failure, body: dict[str, Json]) -> Quirks | None:
        return self._api.learn(quirks, failure, body)

    def make_decoder(self, service: Service, *, step_index: int) -> ResponseDecoder:
        self.decoder = ResponseDecoder(service, step_index=step_index, is_background=True)
        return self.decoder


@dataclass(frozen=True)
class _Continuation:
    """The API, asked for the rest of an answer."""

    decoder: ResponseDecoder

    def make_body(self, request: ModelRequest, quirks: Quirks) -> None:
        del request, quirks

    def learn(self, quirks: Quirks, failure: Failure, body: dict[str, Json]) -> None:
        del quirks, failure, body

    def make_decoder(self, service: Service, *, step_index: int) -> ResponseDecoder:
        del service, step_index
        self.decoder.reconnect()
        return self.decoder


@dataclass(frozen=True)
class _Rest:
    """A deployment whose address is that of one answer."""

    deployment: Deployment
    place: str

    @property
    def service_name(self) -> str:
        return self.deployment.service_name

    @property
    def secrets(self) -> tuple[str, ...]:
        return self.deployment.secrets

    def url(self, model: str) -> str:
        del model
        return self.place

    async def headers(self) -> dict[str, str]:
        return await self.deployment.headers()
