"""Who asks. The one place that resolves a request to an owner; every row is scoped by what it gives."""

from __future__ import annotations

from typing import Final

from starlette.requests import HTTPConnection

LOCAL_OWNER: Final = "local"


def owner_of(connection: HTTPConnection) -> str:
    """Give the owner of the request, or of the WebSocket: for now the single local user."""
    del connection
    return LOCAL_OWNER
