"""One answer over HTTP: sends it, tries again while nothing was shown, decodes each socket read, and can be cut.

Every provider is this with its own `Deployment` (where) and `Api` (in what words).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

import msgspec

from penstock.core.errors import ProviderError, UpstreamEndedError
from penstock.core.events import Event, Json, Progress, StepReset
from penstock.core.requests import ModelRequest
from penstock.providers.attempt import Attempt, Decoder
from penstock.providers.chat_request import Quirks, TokenField, quirks_of
from penstock.providers.error_shapes import Failure, Service, read_error_body, read_error_value
from penstock.providers.foreign_json import as_object, parse_json
from penstock.providers.http_client import HttpCall, HttpClient, StalePoolError, Timeouts
from penstock.providers.retry import Chance, RetryCount, RetryPolicy, SilenceError, read_retry_after

_ERROR_BYTES: Final = 256 * 1024
_ADAPTATIONS_AT_MOST: Final = 6
_STALE_AT_MOST: Final = 3
_OK: Final = 200
_REDIRECTS: Final = range(300, 400)
_TEACHING: Final = frozenset({400, 422})
_REASONS: Final[dict[str, str]] = {
    "rate_limited": "The service is limiting requests",
    "overloaded": "The service is overloaded",
    "server_error": "The service had an error",
    "timeout": "The service did not answer in time",
    "connection": "No connection to the service",
}

_RETRIED: Final = Progress(stage="retrying", state="finished")

T = TypeVar("T")


class Deployment(Protocol):
    """Where one kind of service is and how it is asked."""

    @property
    def service_name(self) -> str:
        """What a person calls the service."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may repeat."""
        ...

    def url(self, model: str) -> str:
        """Give the address that answers for a model."""
        ...

    async def headers(self) -> dict[str, str]:
        """Give the headers of one attempt, with fresh credentials."""
        ...


class Api(Protocol):
    """How one API asks and answers."""

    def make_body(self, request: ModelRequest, quirks: Quirks) -> dict[str, Json] | None:
        """Write the request as JSON values, None for one without a body (a GET).

        Raises `ProviderError` for what this API can't ask.
        """
        ...

    def learn(self, quirks: Quirks, failure: Failure, body: dict[str, Json]) -> Quirks | None:
        """Give what to do differently after a refusal; None when it teaches nothing new."""
        ...

    def make_decoder(self, service: Service, *, step_index: int) -> Decoder:
        """Give a reader of one answer."""
        ...


@dataclass(frozen=True, kw_only=True)
class CallSettings:
    """What the settings of every provider say of its calls."""

    family: str | None = None
    """The model family (``gpt-5.4-mini``), when the name of the model or of its deployment does not tell."""
    timeouts: Timeouts = field(default_factory=Timeouts)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    is_proxy_allowed: bool = False
    """Go through the proxy that the environment names."""
    chance: Chance = field(default_factory=Chance)

    def make_http(self) -> HttpClient:
        """Make the client whose connections a provider keeps; nothing is opened."""
        return HttpClient(connect_s=self.timeouts.connect_s, is_proxy_allowed=self.is_proxy_allowed)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """What all answers of one provider share."""

    deployment: Deployment
    api: Api
    http: HttpClient
    settings: CallSettings
    token_field: TokenField
    """What the service calls its limit of tokens, where the family does not tell."""
    quirks: dict[str, Quirks] = field(default_factory=dict[str, Quirks])
    """What was learned, by model."""

    def quirks_for(self, model: str) -> Quirks:
        """Give what is known of a model."""
        known = self.quirks.get(model)
        return known if known is not None else quirks_of(self.settings.family or model, default=self.token_field)

    def service(self, model: str) -> Service:
        """Give whom errors speak of."""
        return Service(self.deployment.service_name, model, self.deployment.secrets)


class AnswerStream:
    """Implements `penstock.core.ports.ModelStream`."""

    def __init__(self, caller: Caller, request: ModelRequest) -> None:
        """Prepare; nothing is sent."""
        self._caller = caller
        self._request = request
        self._service = caller.service(request.model)
        self._steps = 0
        self._decoder: Decoder | None = None
        self._call: HttpCall | None = None
        self._pending: asyncio.Task[Any] | None = None
        self._prompt_filter: tuple[Event, ...] = ()
        self._failure: Failure | None = None
        self._is_closed = False
        self._attempt: Attempt | None = None
        self._count = RetryCount(caller.settings.retry, caller.settings.chance)
        self._is_retrying = False
        self._wait_s: float | None = None
        self._error: ProviderError | None = None
        """What ends the answer, once the events before it were given."""

    def __repr__(self) -> str:
        """Show the model and the state."""
        return f"AnswerStream(model={self._request.model!r}, is_closed={self._is_closed}, call={self._call!r})"

    def __aiter__(self) -> AsyncIterator[tuple[Event, ...]]:
        """Iterate over batches of events; to be done once."""
        return self

    async def __anext__(self) -> tuple[Event, ...]:
        """Give the next batch; the first one sends the request. One flat loop, because every token passes here."""
        while self._error is None:
            attempt = self._attempt
            try:
                batch = await (self._begin_attempt() if attempt is None else attempt.read())
            except ProviderError as error:
                batch = self._fail(error)
            except BaseException:
                self._leave()
                raise
            else:
                if not batch and attempt is not None:
                    break
                if self._is_retrying and batch:
                    batch = (_RETRIED, *batch)
                    self._is_retrying = False
            if batch:
                return batch
        self._leave()
        raise self._error or StopAsyncIteration

    async def close(self) -> bool:
        """Cut the call at once in whatever phase it is, and say whether its socket is closed."""
        self._is_closed = True
        pending, call = self._pending, self._call
        if self._attempt is not None:
            self._attempt.leave()
        if call is not None:
            call.cut()
        if pending is not None and not pending.done():
            pending.cancel()
            await asyncio.wait({pending}, timeout=1.0)
            if not pending.done():
                return False
        return True if call is None else await call.close()

    async def _begin_attempt(self) -> tuple[Event, ...]:
        """Make one call that counts, after the pause that is due; gives no events yet."""
        if self._wait_s is not None:
            await self._interruptible(_sleep(self._caller.settings.chance, self._wait_s))
        self._decoder = None
        call = await self._open()
        self._decoder = self._caller.api.make_decoder(self._service, step_index=self._steps)
        self._attempt = Attempt(call, self._decoder, self._service, self._caller.settings.timeouts)
        return ()

    def _leave(self) -> None:
        if self._attempt is not None:
            self._attempt.leave()
            self._attempt = None

    def _fail(self, error: ProviderError) -> tuple[Event, ...]:
        """End the attempt and plan the next one, or the end; gives the events that say so."""
        self._leave()
        wait_s = None if self._has_content() or self._is_closed else self._count.wait_s(error)
        events = self._end_attempt(error, wait_s, is_retrying=self._is_retrying)
        self._error = error if wait_s is None else None
        self._wait_s = wait_s
        self._is_retrying = True
        return events

    def _has_content(self) -> bool:
        return self._decoder is not None and self._decoder.has_content

    def _end_attempt(self, error: ProviderError, waited_s: float | None, *, is_retrying: bool) -> tuple[Event, ...]:
        """Give the events between a failed attempt and the next one, or the error."""
        events: list[Event] = []
        if waited_s is None:
            events.extend(self._prompt_filter)
            if is_retrying:
                events.append(Progress(stage="retrying", state="failed"))
            return tuple(events)
        if self._decoder is not None and self._decoder.has_started:
            events.append(StepReset(index=self._steps))
            self._steps += 1
        reason = _REASONS.get(error.code, "The service failed")
        detail = f"{reason}; trying again in {waited_s:.1f} s."
        events.append(Progress(stage="retrying", state="started", detail=detail))
        return tuple(events)

    # --- opening ------------------------------------------------------------------------------------------------------

    async def _open(self) -> HttpCall:
        """Give a call that answers with a stream, after learning what the service refuses in the request."""
        model = self._request.model
        adaptations = 0
        while True:
            quirks = self._caller.quirks_for(model)
            body = self._caller.api.make_body(self._request, quirks)
            call, status = await self._send(None if body is None else msgspec.json.encode(body))
            if status == _OK and _is_stream(call):
                return call
            failure = await self._interruptible(self._read_refusal(call, status))
            learned = None
            if status in _TEACHING and body is not None:
                learned = self._caller.api.learn(quirks, failure, body)
            if learned is None or adaptations == _ADAPTATIONS_AT_MOST:
                self._prompt_filter = () if failure.prompt_filter is None else (failure.prompt_filter,)
                raise failure.error
            adaptations += 1
            self._caller.quirks[model] = learned

    async def _send(self, body: bytes | None) -> tuple[HttpCall, int]:
        deployment = self._caller.deployment
        for _ in range(_STALE_AT_MOST):
            headers = await self._interruptible(deployment.headers())
            headers |= {"Content-Type": "application/json", "Accept": "text/event-stream"}
            call = self._call = self._caller.http.call()
            try:
                return call, await self._send_once(call, headers, body)
            except StalePoolError:
                continue
        message = f"{self._service.name} closed the connection before it answered."
        raise ProviderError(message, code="connection", is_retryable=True)

    async def _send_once(self, call: HttpCall, headers: dict[str, str], body: bytes | None) -> int:
        limit_s = self._caller.settings.timeouts.first_token_s
        url = self._caller.deployment.url(self._request.model)
        try:
            async with asyncio.timeout(limit_s):
                return await self._interruptible(
                    call.start("GET" if body is None else "POST", url, headers=headers, body=body)
                )
        except TimeoutError as error:
            call.cut()
            message = f"{self._service.name} said nothing for {limit_s:g} s (first-token timeout). Try again."
            raise SilenceError(message) from error

    async def _read_refusal(self, call: HttpCall, status: int) -> Failure:
        try:
            async with asyncio.timeout(self._caller.settings.timeouts.between_tokens_s):
                body = await call.read_whole(_ERROR_BYTES)
        except TimeoutError:
            body = b""
        wait_s = read_retry_after(call.headers, now=self._caller.settings.chance.now())
        if status == _OK:
            failure = self._read_document(call, body)
        elif status in _REDIRECTS:
            failure = _say(f"{self._service.name} redirects to another address; put the final one into the settings.")
        else:
            failure = read_error_body(self._service, body, status=status, retry_after_s=wait_s)
        call.finish()
        return failure

    def _read_document(self, call: HttpCall, body: bytes) -> Failure:
        """Read an answer that is not a stream; it may hold an error in spite of its status."""
        try:
            value = as_object(parse_json(body))
        except ValueError:
            value = {}
        if value.get("error"):
            return read_error_value(self._service, value)
        kind = call.headers.get("Content-Type", "nothing").split(";")[0]
        return _say(
            f"{self._service.name} answered with {kind} instead of a stream (text/event-stream). "
            "Check that the endpoint is the right one and that nothing between buffers or rewrites it."
        )

    async def _interruptible(self, work: Coroutine[Any, Any, T]) -> T:
        """Run work that `close` may cancel."""
        if self._is_closed:
            work.close()
            raise _closed_here()
        task = self._pending = asyncio.ensure_future(work)
        try:
            return await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if self._is_closed and current is not None and not current.cancelling():
                raise _closed_here() from None
            raise
        finally:
            self._pending = None


async def _sleep(chance: Chance, seconds: float) -> None:
    await chance.sleep(seconds)


def _closed_here() -> UpstreamEndedError:
    return UpstreamEndedError("The call was closed on this side before the answer was complete.")


def _is_stream(call: HttpCall) -> bool:
    """Whether the answer may be events: by its type, and where a service names none, by trying."""
    kind = call.headers.get("Content-Type", "").split(";")[0].strip().lower()
    return kind in {"text/event-stream", "", "text/plain", "application/octet-stream"}


def _say(sentence: str) -> Failure:
    return Failure(error=ProviderError(sentence, code="bad_response"))
