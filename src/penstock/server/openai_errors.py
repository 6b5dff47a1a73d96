"""Errors on the gateway's routes, before an answer has begun: OpenAI's object instead of problem JSON."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final

import msgspec
from fastapi import Request, Response
from fastapi.routing import APIRoute

from penstock.core.errors import CallerError, PenstockError
from penstock.server.problems import answer_error, status_of
from penstock.wire.openai_words import make_error

_PLACES: Final = ("/v1/", "/openai/")

_CODES: Final[dict[str, tuple[int, str]]] = {
    "unknown_model": (HTTPStatus.NOT_FOUND, "model_not_found"),
    "unknown_url": (HTTPStatus.NOT_FOUND, "unknown_url"),
    "too_many_runs": (HTTPStatus.TOO_MANY_REQUESTS, "rate_limit_exceeded"),
}
"""Where OpenAI's clients expect another status and code than ours."""

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def is_gateway(path: str) -> bool:
    """Whether clients of OpenAI's call this path."""
    return path.startswith(_PLACES)


def answer_openai_error(error: PenstockError) -> Response:
    """Build the answer; status and headers are those of the problem, but where OpenAI has its own."""
    response = answer_error(error)
    status, code = _CODES.get(error.code, (response.status_code, error.code))
    message = error.message if status_of(error) != HTTPStatus.INTERNAL_SERVER_ERROR else "The server failed."
    param = error.field if isinstance(error, CallerError) else None
    body = make_error(status=status, message=message, code=code, param=param)
    retry_after = response.headers.get("retry-after", "1" if status == HTTPStatus.TOO_MANY_REQUESTS else None)
    headers = {"Cache-Control": "no-store", **({} if retry_after is None else {"Retry-After": retry_after})}
    return Response(msgspec.json.encode(body), status_code=status, headers=headers, media_type="application/json")


class OpenAiRoute(APIRoute):
    """A route whose errors are OpenAI's."""

    def get_route_handler(self) -> _Handler:
        """Handle what our own code raises."""
        handle = super().get_route_handler()

        async def handle_as_openai(request: Request) -> Response:
            try:
                return await handle(request)
            except PenstockError as error:
                return answer_openai_error(error)

        return handle_as_openai
