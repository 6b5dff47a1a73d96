"""``GET /api/models``: what the picker shows."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from penstock.server.json_answer import answer_json
from penstock.server.services import services_of

router = APIRouter(tags=["models"])


@router.get("/api/models")
async def list_models(request: Request) -> Response:
    """List the configured models, the default one first."""
    return answer_json({"models": list(services_of(request).catalog.list())})
