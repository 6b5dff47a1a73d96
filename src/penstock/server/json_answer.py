"""Structs as JSON answers."""

from __future__ import annotations

import hashlib

import msgspec
from starlette.requests import Request
from starlette.responses import Response

_encoder = msgspec.json.Encoder()


def answer_json(value: object, *, status: int = 200) -> Response:
    """Answer with a struct, or with plain containers of structs; never cached."""
    headers = {"Cache-Control": "no-store"}
    return Response(_encoder.encode(value), status_code=status, media_type="application/json", headers=headers)


def answer_if_changed(request: Request, value: object) -> Response:
    """Answer with it, or with 304 when it is what the client's ``If-None-Match`` names."""
    response = answer_json(value)
    tag = f'"{hashlib.blake2b(bytes(response.body), digest_size=12).hexdigest()}"'
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"ETag": tag, "Cache-Control": "no-store"})
    response.headers["ETag"] = tag
    return response
