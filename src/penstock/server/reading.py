"""The way to a run's events beneath the routes: what a thousand readers who come back at once have to pass through.

The route of the same path (``routes/runs.py``) is what the API's page shows and what answers every other method. To
pass through its middleware and its tree took longer than all the rest of coming back.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from penstock.core.errors import PenstockError
from penstock.server.problems import handle_penstock_error, handle_unknown_exception

_PATH: Final = re.compile(r"/api/runs/([^/]+)/events")

Follow = Callable[[Request, str], Awaitable[Response]]
"""Answers a request to follow the run of that id."""


class Reading:
    """Answers ``GET /api/runs/{run_id}/events`` itself and leaves all else to the API."""

    def __init__(self, api: FastAPI, follow: Follow) -> None:
        """Stand before ``api``, in whose state the services are; ``follow`` is its own route's function."""
        self._api = api
        self._follow = follow

    def __repr__(self) -> str:
        """Show what is behind it."""
        return f"Reading({self._api!r})"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, one WebSocket or the lifespan."""
        found = None
        if scope["type"] == "http" and scope["method"] == "GET":
            found = _PATH.fullmatch(scope["path"].removeprefix(scope.get("root_path", "")))
        if found is None:
            await self._api(scope, receive, send)
            return
        scope["app"] = self._api
        response = await self._answer(Request(scope, receive), found[1])
        await response(scope, receive, send)

    async def _answer(self, request: Request, run_id: str) -> Response:
        try:
            return await self._follow(request, run_id)
        except PenstockError as error:
            return await handle_penstock_error(request, error)
        except Exception as error:  # noqa: BLE001 - the outer edge of a request
            return await handle_unknown_exception(request, error)
