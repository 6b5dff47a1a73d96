"""``/healthz``, ``/readyz`` and ``/metrics``."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from penstock.core.errors import StoreError
from penstock.server.json_answer import answer_json
from penstock.server.metrics import write_metrics
from penstock.server.services import services_of

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def check_health() -> Response:
    """Answer: the loop lives."""
    return answer_json({"status": "ok"})


@router.get("/readyz")
async def check_readiness(request: Request) -> Response:
    """Answer 200 when the database can be written, is migrated, and the server takes new work; else 503 and why."""
    services = services_of(request)
    if services.engine.is_draining or services.streams.is_draining:
        return answer_json({"status": "draining"}, status=503)
    try:
        await services.store.check()
    except StoreError as error:
        return answer_json({"status": "database", "detail": error.message}, status=503)
    bus = services.shared_bus
    if bus is None:
        return answer_json({"status": "ready"})
    # Without a bus everything works, and followers of other instances' runs see their tokens later.
    return answer_json({"status": "ready", "bus": "connected" if bus.is_connected else "away"})


@router.get("/metrics")
async def show_metrics(request: Request) -> Response:
    """Give the counters in Prometheus' text format."""
    return Response(write_metrics(services_of(request)), media_type="text/plain; version=0.0.4; charset=utf-8")
