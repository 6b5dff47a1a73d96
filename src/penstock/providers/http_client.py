"""HTTP to a model service: keep-alive, no redirects, no proxies unless asked, and calls that can be cut at any moment.

Bodies that stream are read by ``body_receiver.py``. aiohttp keeps its sockets to itself; `_Connector` notes which one
serves a call, so that `HttpCall.close` can cut it at once in every phase, also before the service has answered, and can
say truthfully whether it is closed.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

import aiohttp
from aiohttp.client_exceptions import ClientConnectorCertificateError, ClientConnectorSSLError

from penstock.core.errors import ProviderError
from penstock.providers.body_receiver import BodyReceiver, StreamedBody

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace
    from multidict import CIMultiDictProxy

_READ_BYTES: Final = 256 * 1024
_PIECEWISE_BYTES: Final = 512 * 1024
_CONFIRM_S: Final = 1.0
_DRAIN_S: Final = 1.0
_KEEP_ALIVE_S: Final = 75.0


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Seconds. All silence of a service is bounded, each kind by its own limit."""

    connect_s: float = 5.0
    first_token_s: float = 120.0
    between_tokens_s: float = 60.0
    after_finish_s: float = 5.0
    """How long to wait for usage and late filter verdicts once the answer is complete."""
    after_finish_bytes: int = 1024 * 1024


class StalePoolError(Exception):
    """A kept connection had been closed by the service when the request was sent on it: to be sent again at once."""


_current_call: ContextVar[HttpCall | None] = ContextVar("_current_call", default=None)


class _Connector(aiohttp.TCPConnector):
    """Tells each call which connection serves it."""

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's signature
    ) -> Connection:
        connection = await super().connect(req, traces, timeout)
        call = _current_call.get()
        if call is not None:
            call.adopt(connection)
        return connection


def _make_connector() -> aiohttp.TCPConnector:
    connector = _Connector(limit=0, keepalive_timeout=_KEEP_ALIVE_S)
    connector._factory = partial(BodyReceiver, loop=asyncio.get_running_loop())  # noqa: SLF001 - aiohttp has no setting for it  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue] - the same
    return connector


class HttpClient:
    """The connections to one service; made on first use, because they belong to the running loop."""

    def __init__(self, *, connect_s: float, is_proxy_allowed: bool = False) -> None:
        """Keep the settings; nothing is opened."""
        self._connect_s = connect_s
        self._is_proxy_allowed = is_proxy_allowed
        self._session: aiohttp.ClientSession | None = None
        self._drains: dict[asyncio.Task[None], HttpCall] = {}
        self.seen: WeakSet[ResponseHandler] = WeakSet()
        """The connections that have served a call."""

    def call(self) -> HttpCall:
        """Prepare one call."""
        return HttpCall(self)

    def session(self) -> aiohttp.ClientSession:
        """Give the session of this loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=_make_connector(),
                timeout=aiohttp.ClientTimeout(total=None, connect=self._connect_s),
                trust_env=self._is_proxy_allowed,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Accept-Encoding": "identity"},
                read_bufsize=_READ_BYTES,
            )
        return self._session

    def drain(self, call: HttpCall) -> None:
        """Read what is left of a complete answer in the background, so that its connection can be used again."""
        task = asyncio.get_running_loop().create_task(_drain(call))
        self._drains[task] = call
        task.add_done_callback(lambda done: self._drains.pop(done, None))

    async def close(self) -> None:
        """Close all connections."""
        drains = dict(self._drains)
        for task, call in drains.items():
            task.cancel()
            call.cut()
        await asyncio.gather(*drains, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None


class HttpCall:
    """One request and its answer."""

    def __init__(self, client: HttpClient) -> None:
        """Prepare; nothing is sent."""
        self._client = client
        self._response: aiohttp.ClientResponse | None = None
        self._body: StreamedBody | None = None
        self._protocol: ResponseHandler | None = None
        self._transport: asyncio.Transport | None = None
        self._is_reused = False
        self.is_cut = False
        """Whether this side closed the socket."""

    def __repr__(self) -> str:
        """Show the status of the answer, if there is one."""
        return f"HttpCall(status={self._response.status if self._response else None}, is_cut={self.is_cut})"

    def adopt(self, connection: Connection) -> None:
        """Note the connection that serves this call."""
        self._protocol = connection.protocol
        self._transport = connection.transport
        if self._protocol is not None:
            self._is_reused = self._protocol in self._client.seen
            self._client.seen.add(self._protocol)

    async def start(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> int:
        """Send the request and give the status of the answer. To be run in a task of its own.

        Raises `ProviderError` (``connection``, ``timeout``, ``invalid_request``) or `StalePoolError`.
        """
        _current_call.set(self)
        try:
            self._response = await self._client.session().request(
                method, url, headers=headers, data=_in_pieces(body), allow_redirects=False
            )
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionError) as error:
            if self._is_reused:
                raise StalePoolError from error
            raise translate(error, url) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise translate(error, url) from error
        if isinstance(self._protocol, BodyReceiver):
            self._body = self._protocol.body
        return self._response.status

    @property
    def headers(self) -> CIMultiDictProxy[str] | dict[str, str]:
        """The headers of the answer."""
        return self._response.headers if self._response is not None else {}

    async def read(self) -> bytes:
        """Give what has arrived, or wait for it; empty at the end, whether clean or cut."""
        if self._body is not None:
            return await self._body.read()
        if self._response is None:
            return b""
        content = self._response.content
        try:
            return await content.readany()
        except (aiohttp.ClientError, OSError):
            if self.is_cut:
                return b""
            # What arrived before a cut is still there, but every public way to it raises the cut first.
            return content._read_nowait(-1)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - see above

    async def read_whole(self, limit_bytes: int) -> bytes:
        """Give the whole body, or its beginning when it is longer."""
        pieces: list[bytes] = []
        size = 0
        while size < limit_bytes:
            piece = await self.read()
            if not piece:
                break
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)[:limit_bytes]

    def finish(self) -> None:
        """Give the connection back once the rest of the answer is read; in the background, if that takes time."""
        if self._response is None or self._response.content.is_eof():
            return
        self._client.drain(self)

    def cut(self) -> None:
        """Close the socket now, whatever is under way."""
        self.is_cut = True
        is_ours = self._response is None or self._response.connection is not None
        if is_ours and self._transport is not None:
            self._transport.abort()
        if self._response is not None:
            self._response.close()

    async def close(self) -> bool:
        """Close the socket now, and say whether it is closed (or back in the pool after a whole answer)."""
        is_over = self._response is not None and self._response.connection is None
        self.cut()
        closed = None if self._protocol is None or is_over else self._protocol.closed
        if closed is None:
            return True
        with suppress(aiohttp.ClientError, OSError):
            await asyncio.wait({closed}, timeout=_CONFIRM_S)
        if closed.done() and not closed.cancelled():
            closed.exception()
        return closed.done()


def _in_pieces(body: bytes | None) -> bytes | BytesIO | None:
    """Let a large body (images) be sent piece by piece, so that the event loop is not held up."""
    return BytesIO(body) if body is not None and len(body) > _PIECEWISE_BYTES else body


async def _drain(call: HttpCall) -> None:
    try:
        async with asyncio.timeout(_DRAIN_S):
            while await call.read():
                pass
    except TimeoutError:
        call.cut()


def translate(error: Exception, url: str) -> ProviderError:
    """Say what went wrong on the way to the service."""
    host = url.split("//", 1)[-1].split("/", 1)[0]
    match error:
        case aiohttp.ServerTimeoutError() | TimeoutError():
            return ProviderError(
                f"No connection to {host} within the connect timeout. Check the endpoint and the network.",
                code="timeout",
                is_retryable=True,
            )
        case aiohttp.ClientConnectorDNSError():
            return ProviderError(
                f"The host {host} is not known. Check the endpoint in the settings.",
                code="connection",
                is_retryable=True,
            )
        case ClientConnectorCertificateError() | ClientConnectorSSLError():
            return ProviderError(
                f"No secure connection to {host}: its certificate or TLS was refused.", code="connection"
            )
        case aiohttp.InvalidURL() | ValueError():
            return ProviderError("The endpoint in the settings is not a valid URL.", code="invalid_request")
        case aiohttp.ClientConnectorError():
            return ProviderError(
                f"No connection to {host}: it refused or is not reachable.", code="connection", is_retryable=True
            )
        case _:
            return ProviderError(
                f"The connection to {host} broke before it answered.", code="connection", is_retryable=True
            )
