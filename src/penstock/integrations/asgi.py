"""For FastAPI and Starlette: the whole API mounted in a program, or one answer from a route of its own.

`Api` keeps what it answers: its runs have a log, survive their readers, and are stopped only when somebody asks for it.
`StreamingAnswer` keeps nothing: when its reader goes, the call upstream is closed at once.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, Unpack

import msgspec
from starlette.background import BackgroundTask
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from penstock.composition.settings import Settings, load_settings
from penstock.core.errors import PenstockError
from penstock.integrations.encoding import HEARTBEAT_S, choose_wire, context_of, headers_of
from penstock.providers.own_code import Pipeline
from penstock.server.answers import answer_run
from penstock.server.app import Application
from penstock.server.auth import OWNER, owner_of
from penstock.server.departure import DepartedError, unless_departed
from penstock.server.problems import answer_error
from penstock.server.services import Services
from penstock.server.streaming import OpenStreams
from penstock.server.streaming import StreamingAnswer as Relay
from penstock.toolkit.answer_stream import AnswerStream, MisuseError
from penstock.toolkit.asking import Asking, Prompt, make_request
from penstock.wire.dialect import Dialect, Encoder

_CLIENT_CLOSED: Final = 499


class Api:
    """The whole API of Penstock, and its page, as a part of a program.

    ::

        api = Api(pipelines={"handbook": answer_from_handbook})
        app = FastAPI(lifespan=api.lifespan)
        app.mount("/assistant", api)

    The page needs the root: mount it last, at ``/``, and the program's own routes go before it. A program that has a
    lifespan of its own opens it there by `open`.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        pipelines: Mapping[str, Pipeline] | None = None,
        owner: Callable[[HTTPConnection], str] | None = None,
        allowed_origins: Iterable[str] = (),
    ) -> None:
        """Read the configuration like the server does, if no ``settings`` are given; nothing is opened.

        ``pipelines``: generators of the program, which answer like models under the ids that they are given.
        ``owner`` gives who asks, by the program's own means; everything is kept under that name, and only seen by it.
        ``allowed_origins``: pages of other origins that may ask (``https://app.example.com``); what lets them read the
        answer is the program's CORS middleware.
        """
        self._application = Application(
            settings or load_settings(), pipelines=pipelines, allowed_origins=tuple(allowed_origins), is_mounted=True
        )
        self._owner = owner

    def __repr__(self) -> str:
        """Show what is guarded how."""
        return f"Api({self._application!r})"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request of the API, or open and close it when it is the whole program."""
        if scope["type"] != "lifespan":
            self._opened()
            scope = self._inner(scope)
        await self._application(scope, receive, send)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        """Open store, models and engine, and close them again."""
        async with self._application.open():
            yield

    @asynccontextmanager
    async def lifespan(self, _app: object) -> AsyncGenerator[None]:
        """Open it with the program: what ``FastAPI(lifespan=...)`` wants."""
        async with self.open():
            yield

    async def respond(
        self,
        request: Request,
        prompt: Prompt,
        *,
        wire: str | None = "sse",
        conversation_id: str | None = None,
        **asking: Unpack[Asking],
    ) -> Response:
        """Answer from a route of the program: a run like those of the API, which outlives its reader.

        ``wire`` is one of docs/reference/wires.md; None lets the client choose by ``?wire=`` and ``Accept``. With a
        ``conversation_id`` question and answer are kept. A fault of the request is a problem with its status.
        """
        services = self._opened()
        inner = Request(self._inner(request.scope), request.receive)
        try:
            dialect = choose_wire(wire, query=request.query_params, accept=request.headers.get("accept"))
            chat = msgspec.structs.replace(make_request(prompt, **asking), conversation_id=conversation_id)
            begun = await services.engine.begin(owner_of(inner), chat)
            return await answer_run(inner, begun.run, dialect)
        except PenstockError as error:
            return answer_error(error)

    def _inner(self, scope: Scope) -> Scope:
        """Give the scope as it is at the root, so that the API is the same wherever it is mounted."""
        path: str = scope["path"]
        inner = {**scope, "app": self._application.api, "path": path.removeprefix(scope.get("root_path", "")) or "/"}
        inner["root_path"] = ""
        if self._owner is not None:
            inner[OWNER] = self._owner(HTTPConnection(scope))
        return inner

    def _opened(self) -> Services:
        if not self._application.is_open:
            message = "The API is mounted but not open: give the program `lifespan=api.lifespan`, or use `api.open()`."
            raise MisuseError(message)
        return self._application.services


class StreamingAnswer(Response):
    """One answer as the response of a route, which is stopped when its reader goes.

    ::

        @app.post("/ask")
        async def ask(question: Question) -> StreamingAnswer:
            return StreamingAnswer(client.stream(question.text))

    What is wrong with the request is a problem with its status; what breaks the answer is said in the wire's own words.
    After it ``answer.answer`` is what was made, for a ``background`` task that keeps it.
    """

    def __init__(
        self,
        answer: AnswerStream,
        *,
        wire: str | None = "sse",
        heartbeat_s: float = HEARTBEAT_S,
        background: BackgroundTask | None = None,
    ) -> None:
        """Prepare; nothing is asked before the response is sent.

        ``wire`` is one of docs/reference/wires.md; None lets the client choose by ``?wire=`` and ``Accept``.
        """
        super().__init__(background=background)
        self._answer = answer
        self._wire = wire
        self._heartbeat_s = heartbeat_s

    def __repr__(self) -> str:
        """Show the answer."""
        return f"StreamingAnswer({self._answer!r}, wire={self._wire!r})"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask, and stream until the answer ends or its reader goes."""
        request = Request(scope, receive)
        async with AsyncExitStack() as stack:
            try:
                dialect = choose_wire(self._wire, query=request.query_params, accept=request.headers.get("accept"))
                answer = await stack.enter_async_context(self._answer)
            except PenstockError as error:
                response = answer_error(error)
            else:
                streams = OpenStreams(heartbeat_s=self._heartbeat_s)
                streams.start()
                stack.push_async_callback(streams.close)
                response = await _encode(answer, dialect, request, streams)
            await response(scope, receive, send)
        if self.background is not None:
            await self.background()


async def _encode(answer: AnswerStream, dialect: Dialect, request: Request, streams: OpenStreams) -> Response:
    encoder = dialect.open(context_of(answer.run, request.query_params))
    if not dialect.is_whole:
        return Relay(
            streams=streams,
            follower=answer.log,
            dialect=dialect,
            encoder=encoder,
            headers=[("x-run-id", answer.run.id)],
        )
    try:
        body = await unless_departed(request.receive, _read_whole(answer, encoder))
    except DepartedError:
        return Response(status_code=_CLIENT_CLOSED)
    return Response(body, status_code=encoder.status, headers=headers_of(dialect, answer.run))


async def _read_whole(answer: AnswerStream, encoder: Encoder) -> bytes:
    pieces: list[bytes] = []
    while not answer.log.is_ended:
        pieces += [encoder.encode(batch) for batch in await answer.log.read()]
    return b"".join(pieces)
