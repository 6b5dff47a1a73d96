"""Structs as JSON answers."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

_encoder = msgspec.json.Encoder()


def answer_json(value: object, *, status: int = 200) -> Response:
    """Answer with a struct, or with plain containers of structs; never cached."""
    headers = {"Cache-Control": "no-store"}
    return Response(_encoder.encode(value), status_code=status, media_type="application/json", headers=headers)
