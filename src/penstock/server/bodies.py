"""Reading request bodies: limited before they are parsed, JSON only, every fault a 4xx that names the field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeVar, cast

import msgspec
from starlette.requests import ClientDisconnect, Request

from penstock.core.errors import CallerError, NotFoundError
from penstock.core.events import Json
from penstock.server.services import services_of

_Shape = TypeVar("_Shape", bound=msgspec.Struct)

_FIELD: Final = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_AT_FAULT: Final = re.compile(r"(?:missing required|contains unknown) field `(?P<name>[^`]+)`")
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEY_LENGTH: Final = 128


async def read_json_object(request: Request) -> Mapping[str, Json]:
    """Read the body as a JSON object; an absent body is an empty one."""
    raw = await read_bytes(request, services_of(request).settings.body_limit_bytes)
    try:
        value: Json = msgspec.json.decode(raw or b"{}")
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        message = "The body is not valid JSON."
        raise CallerError(message, code="invalid_json") from error
    if not isinstance(value, dict):
        message = "The body must be a JSON object."
        raise CallerError(message, code="invalid_json")
    return cast("dict[str, Json]", value)


async def read_body(request: Request, shape: type[_Shape]) -> _Shape:
    """Read the body into a struct; raises `CallerError` that names the field at fault."""
    value = await read_json_object(request)
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise _explain(error) from error


def is_id(value: str) -> bool:
    """Say whether this can be an id of ours."""
    return _ID.fullmatch(value) is not None


def check_id(value: str, *, what: str) -> str:
    """Give back an id of ours; anything that cannot be one is not found."""
    if not is_id(value):
        message = f"There is no such {what}."
        raise NotFoundError(message)
    return value


def read_idempotency_key(request: Request) -> str | None:
    """Give the ``Idempotency-Key`` header, an opaque text that does for a ``client_message_id``."""
    key = request.headers.get("idempotency-key")
    if key is None or (0 < len(key) <= _KEY_LENGTH and key.isascii() and key.isprintable()):
        return key
    message = f"An Idempotency-Key has 1 to {_KEY_LENGTH} printable ASCII characters."
    raise CallerError(message, field="Idempotency-Key")


async def read_bytes(request: Request, limit: int) -> bytes:
    """Read the body as it is, at most ``limit`` bytes of it."""
    chunks: list[bytes] = []
    size_bytes = 0
    try:
        async for chunk in request.stream():
            size_bytes += len(chunk)
            if size_bytes > limit:
                message = f"The body is larger than {limit} bytes."
                raise CallerError(message, code="too_large")
            chunks.append(chunk)
    except ClientDisconnect as error:
        message = "The client left before the body was whole."
        raise CallerError(message) from error
    return b"".join(chunks)


def _explain(error: msgspec.ValidationError) -> CallerError:
    text = str(error)
    place = _FIELD.search(text)
    reason = text[: place.start()] if place else text
    path = place["path"] if place else ""
    at_fault = _AT_FAULT.search(text)
    if at_fault is not None:
        path = f"{path}.{at_fault['name']}" if path else at_fault["name"]
    field = path.replace("[", ".").replace("]", "") or None
    message = f"The field {field}: {reason}." if field else f"The body is wrong: {reason}."
    return CallerError(message, field=field)
