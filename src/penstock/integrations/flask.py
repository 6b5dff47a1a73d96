"""For Flask, under any WSGI server: one answer from a route, as a response that closes upstream when its reader goes.

A WSGI server learns that a reader has gone when it writes to it: while an answer is silent, by a heartbeat, at the
latest the second one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from typing import Final

from flask import Response, request

from penstock.core.errors import PenstockError
from penstock.core.log import Batch
from penstock.integrations.encoding import AnswerCutError, choose_wire, context_of, headers_of
from penstock.server.problems import answer_error
from penstock.toolkit.answer_stream import AnswerLog
from penstock.toolkit.sync_client import SyncAnswerStream
from penstock.wire.dialect import Dialect, Encoder

HEARTBEAT_S: Final = 5.0


class StreamingAnswer(Response):
    """One answer as the response of a route, which is stopped when its reader goes.

    ::

        client = penstock.SyncClient()

        @app.post("/ask")
        def ask() -> StreamingAnswer:
            return StreamingAnswer(client.stream(request.json["question"]))

    What is wrong with the request is a problem with its status; what breaks the answer is said in the wire's own words.
    After it ``answer.answer`` is what was made, for a function given to `call_on_close`.
    """

    def __init__(self, answer: SyncAnswerStream, *, wire: str | None = "sse", heartbeat_s: float = HEARTBEAT_S) -> None:
        """Ask; to be made while a request is handled.

        ``wire`` is one of docs/reference/wires.md; None lets the client choose by ``?wire=`` and ``Accept``.
        """
        try:
            dialect = choose_wire(wire, query=request.args, accept=request.headers.get("Accept"))
            answer.__enter__()
        except PenstockError as error:
            problem = answer_error(error)
            super().__init__(bytes(problem.body), status=problem.status_code, headers=dict(problem.headers))
            return
        encoder = dialect.open(context_of(answer.run, request.args))
        pieces = _Pieces(answer, dialect, encoder, heartbeat_s)
        headers = headers_of(dialect, answer.run)
        if dialect.is_whole:
            with closing(pieces):
                body = b"".join(pieces)
            super().__init__(body, status=encoder.status, headers=headers)
        else:
            super().__init__(pieces, headers=headers)


class _Pieces:
    """The body, piece by piece. No generator: one that never began would not close upstream when it is closed."""

    def __init__(self, answer: SyncAnswerStream, dialect: Dialect, encoder: Encoder, heartbeat_s: float) -> None:
        self._answer = answer
        self._dialect = dialect
        self._encoder = encoder
        self._heartbeat_s = heartbeat_s
        self._is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        log = self._answer.stream.log
        while not log.is_ended:
            batches = self._answer.portal.call(_read(log, self._heartbeat_s))
            piece = b"".join([self._encoder.encode(batch) for batch in batches]) if batches else self._dialect.heartbeat
            if piece:
                return piece
        if self._encoder.must_cut:
            message = "The answer is not whole."
            raise AnswerCutError(message)
        raise StopIteration

    def close(self) -> None:
        """Close upstream; called by the server however the response ended."""
        if not self._is_closed:
            self._is_closed = True
            self._answer.__exit__(None, None, None)


async def _read(log: AnswerLog, heartbeat_s: float) -> list[Batch]:
    """Wait for batches; for an empty list when there are none for so long."""
    timer = asyncio.get_running_loop().call_later(heartbeat_s, log.nudge)
    try:
        return await log.read()
    finally:
        timer.cancel()
