"""Errors as RFC 9457 problem JSON: the one place that maps error codes to HTTP statuses."""

from __future__ import annotations

import logging
import math
from http import HTTPStatus
from typing import Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from penstock.core.errors import CallerError, PenstockError, ProviderError, StoreError, UnavailableError
from penstock.core.events import Json

MEDIA_TYPE: Final = "application/problem+json"

STATUS_BY_CODE: Final[dict[str, int]] = {
    "not_found": HTTPStatus.NOT_FOUND,
    "no_active_run": HTTPStatus.NOT_FOUND,
    "method_not_allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "not_acceptable": HTTPStatus.NOT_ACCEPTABLE,
    "conflict": HTTPStatus.CONFLICT,
    "gone": HTTPStatus.GONE,
    "quota_exceeded": HTTPStatus.INSUFFICIENT_STORAGE,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "unsupported_media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "precondition_failed": HTTPStatus.PRECONDITION_FAILED,
    "version_required": HTTPStatus.PRECONDITION_REQUIRED,
    "cross_origin": HTTPStatus.FORBIDDEN,
    "unknown_host": HTTPStatus.MISDIRECTED_REQUEST,
}
"""Codes of the caller's errors that are not 400."""

_logger = logging.getLogger("penstock.server")


def status_of(error: PenstockError) -> int:
    """Give the HTTP status of an error that happens before the answer has begun."""
    match error:
        case CallerError():
            return STATUS_BY_CODE.get(error.code, HTTPStatus.BAD_REQUEST)
        case ProviderError():
            return HTTPStatus.BAD_GATEWAY
        case UnavailableError(code="too_many_runs"):
            return HTTPStatus.TOO_MANY_REQUESTS
        case UnavailableError() | StoreError():
            return HTTPStatus.SERVICE_UNAVAILABLE
        case _:
            return HTTPStatus.INTERNAL_SERVER_ERROR


def format_retry_after(seconds: float) -> str:
    """Give the value of ``Retry-After``: whole seconds, never too few, at least one (RFC 9110, section 10.2.3)."""
    return str(max(1, math.ceil(seconds)))


def make_problem(*, status: int, code: str, detail: str, field: str | None = None) -> Response:
    """Build the answer."""
    body: dict[str, Json] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
    }
    if field is not None:
        body["field"] = field
    return Response(msgspec.json.encode(body), status_code=status, media_type=MEDIA_TYPE)


def answer_error(error: PenstockError) -> Response:
    """Build the answer to an error of ours; one that is nobody's fault outside says nothing of its inside."""
    status = status_of(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        _logger.error("%r", error)
        return _internal()
    field = error.field if isinstance(error, CallerError) else None
    response = make_problem(status=status, code=error.code, detail=error.message, field=field)
    if error.retry_after_s is not None:
        response.headers["Retry-After"] = format_retry_after(error.retry_after_s)
    elif status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "1"
    return response


def _internal() -> Response:
    return make_problem(
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        code="internal",
        detail="The server failed to handle the request; its log says why.",
    )


async def handle_penstock_error(_request: Request, error: Exception) -> Response:
    """Answer what our own code raised."""
    if not isinstance(error, PenstockError):  # the signature is Starlette's, the registration is ours
        raise error
    return answer_error(error)


async def handle_http_exception(_request: Request, error: Exception) -> Response:
    """Answer what the router raised: no such route, wrong method."""
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    response = make_problem(status=status, code=status.name.lower(), detail=str(error.detail))
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


async def handle_unknown_exception(_request: Request, error: Exception) -> Response:
    """Answer a defect of ours without details; the traceback goes to the log."""
    _logger.error("unhandled exception", exc_info=error)
    return _internal()
