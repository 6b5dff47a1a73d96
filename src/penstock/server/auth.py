"""Who asks. The one place that resolves a request to an owner; every row is scoped by what it gives."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

LOCAL_OWNER: Final = "local"


def owner_of(request: Request) -> str:
    """Give the owner of the request: for now the single local user."""
    del request
    return LOCAL_OWNER
