"""For Flask and every other WSGI program: the whole API mounted in it, on an event loop in a thread of its own.

What a WSGI server cannot do stays away: there are no WebSockets, and every open answer holds one of its threads.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Scope

from penstock.composition.settings import Settings
from penstock.integrations import asgi
from penstock.integrations.encoding import AnswerCutError
from penstock.providers.own_code import Pipeline
from penstock.toolkit.portal import Portal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_AHEAD: Final = 64
"""Pieces that may wait for the server's thread before the answer waits too."""
_LOOK_S: Final = 0.05


class Api:
    """The whole API of Penstock, and its page, as a part of a WSGI program.

    ::

        api = Api(pipelines={"handbook": answer_from_handbook})
        app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/assistant": api})

    It opens with the first request, so that servers may fork after loading. `close` it where the server says that it
    ends (gunicorn: ``worker_exit``); what is live in a process that just ends is ended by the next start, as after a
    crash. One process serves it, with as many threads as there are to be readers.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        pipelines: Mapping[str, Pipeline] | None = None,
        owner: Callable[[HTTPConnection], str] | None = None,
        allowed_origins: Iterable[str] = (),
    ) -> None:
        """Read the configuration; see `penstock.integrations.asgi.Api`."""
        self._api = asgi.Api(settings, pipelines=pipelines, owner=owner, allowed_origins=allowed_origins)
        self._portal = Portal()
        self._stack = AsyncExitStack()
        self._lock = threading.Lock()
        self._is_open = False
        self._answers: set[_Body] = set()

    def __repr__(self) -> str:
        """Show what it serves."""
        return f"Api({self._api!r}, is_open={self._is_open}, answers={len(self._answers)})"

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        self._open()
        exchange = _Exchange(self._api, _scope_of(environ), _read_body(environ))
        body = _Body(self._portal, exchange, self._answers.discard)
        self._answers.add(body)
        try:
            start_response(*body.begin())
        except BaseException:
            body.close()
            raise
        return body

    def close(self) -> None:
        """Stop what is answered, and close; a later request opens it again."""
        with self._lock:
            if self._is_open:
                self._is_open = False
                self._portal.call(self._stack.aclose())
                self._portal.close()

    def _open(self) -> None:
        with self._lock:
            if not self._is_open:
                self._portal.call(self._stack.enter_async_context(self._api.open()))
                self._is_open = True


class _Exchange:
    """One request on the loop: what the application sends waits here for the server's thread."""

    def __init__(self, app: ASGIApp, scope: Scope, body: bytes) -> None:
        self._app = app
        self._scope = scope
        self._body: bytes | None = body
        self._sent: asyncio.Queue[Message | None] = asyncio.Queue(_AHEAD)
        self._left = asyncio.Event()
        self._is_whole = False
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> Message:
        """Call the application; gives how its answer starts."""
        self._task = asyncio.create_task(self._run())
        message = await self._sent.get()
        if message is None:
            await self._task
            raise AnswerCutError
        return message

    async def read(self) -> bytes | None:
        """Give the next piece, None after the last; raises `AnswerCutError` when there is no last one."""
        if self._is_whole:
            return None
        message = await self._sent.get()
        if message is None:
            error = "The answer is not whole."
            raise AnswerCutError(error)
        self._is_whole = not message.get("more_body", False)
        piece: bytes = message.get("body", b"")
        return piece

    async def leave(self) -> None:
        """Tell the application that its reader has gone, and wait for its end."""
        self._left.set()
        while self._task is not None and not self._task.done():
            while not self._sent.empty():
                self._sent.get_nowait()
            await asyncio.wait({self._task}, timeout=_LOOK_S)

    async def _run(self) -> None:
        try:
            await self._app(self._scope, self._receive, self._sent.put)
        finally:
            if not self._left.is_set():
                await self._sent.put(None)

    async def _receive(self) -> Message:
        body, self._body = self._body, None
        if body is not None:
            return {"type": "http.request", "body": body, "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}


class _Body:
    """The body of one answer, for the server's thread."""

    def __init__(self, portal: Portal, exchange: _Exchange, on_close: Callable[[_Body], None]) -> None:
        self._portal = portal
        self._exchange = exchange
        self._on_close = on_close

    def begin(self) -> tuple[str, list[tuple[str, str]]]:
        """Give the status line and the headers."""
        message = self._portal.call(self._exchange.begin())
        status = HTTPStatus(message["status"]) if message["status"] in set(HTTPStatus) else None
        headers: Iterable[tuple[bytes, bytes]] = message.get("headers", ())
        line = f"{message['status']} {'' if status is None else status.phrase}".strip()
        return line, [(name.decode("latin-1").title(), value.decode("latin-1")) for name, value in headers]

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = self._portal.call(self._exchange.read())
        if piece is None:
            raise StopIteration
        return piece

    def close(self) -> None:
        """Say that the reader has gone; called by the server however the response ended."""
        self._portal.call(self._exchange.leave())
        self._on_close(self)


def _read_body(environ: WSGIEnvironment) -> bytes:
    length = str(environ.get("CONTENT_LENGTH") or "0")
    if length.isdecimal() and length != "0":
        return environ["wsgi.input"].read(int(length))
    # A chunked body ends by itself where the server says so; elsewhere there is none.
    return environ["wsgi.input"].read() if environ.get("wsgi.input_terminated") else b""


def _scope_of(environ: WSGIEnvironment) -> Scope:
    headers: list[tuple[bytes, bytes]] = []
    fields: dict[str, Any] = {"HTTP_CONTENT_TYPE": environ.get("CONTENT_TYPE")}
    fields["HTTP_CONTENT_LENGTH"] = environ.get("CONTENT_LENGTH")
    for name, value in {**environ, **fields}.items():
        if name.startswith("HTTP_") and value:
            wire_name = name.removeprefix("HTTP_").replace("_", "-").lower()
            headers.append((wire_name.encode("latin-1"), str(value).encode("latin-1")))
    path = str(environ.get("PATH_INFO") or "/").encode("latin-1")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": str(environ.get("SERVER_PROTOCOL", "HTTP/1.1")).removeprefix("HTTP/"),
        "method": environ["REQUEST_METHOD"],
        "scheme": environ.get("wsgi.url_scheme", "http"),
        "path": path.decode("utf-8", "replace"),
        "raw_path": path,
        "root_path": "",
        "query_string": str(environ.get("QUERY_STRING", "")).encode("latin-1"),
        "headers": headers,
        "client": (environ.get("REMOTE_ADDR", ""), 0),
        "server": (environ.get("SERVER_NAME", ""), int(environ.get("SERVER_PORT") or 0)),
    }
