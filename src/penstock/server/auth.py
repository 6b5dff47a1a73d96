"""Who asks. The one place that resolves a request to an owner; every row is scoped by what it gives."""

from __future__ import annotations

from typing import Final

from starlette.requests import HTTPConnection

LOCAL_OWNER: Final = "local"
OWNER: Final = "penstock.owner"
"""Key of the scope under which a host program says who asks."""


def owner_of(connection: HTTPConnection) -> str:
    """Give the owner of the request, or of the WebSocket: who the host program says, else the single local user."""
    owner: str = connection.scope.get(OWNER, LOCAL_OWNER)
    return owner
