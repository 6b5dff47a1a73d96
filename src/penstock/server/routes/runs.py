"""Runs: their state, their events from any offset on, and the stop."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from penstock.server.answers import answer_run, choose_dialect, find_run, offset_of
from penstock.server.auth import owner_of
from penstock.server.bodies import check_id
from penstock.server.json_answer import answer_json
from penstock.server.openapi import streams_of
from penstock.server.services import services_of
from penstock.server.streaming import Place

router = APIRouter(prefix="/api/runs", tags=["runs"])


@router.get("/{run_id}")
async def show_run(request: Request, run_id: str) -> Response:
    """Give the run's state."""
    return answer_json(await services_of(request).engine.get_run(owner_of(request), check_id(run_id, what="run")))


@router.get("/{run_id}/events", responses=streams_of("Canonical events; `?wire=` for another dialect."))
async def follow_run(request: Request, run_id: str) -> Response:
    """Stream the run's events after `Last-Event-ID` or `?after=`, without either from the start; 410 once dropped."""
    place = Place(after=offset_of(request), can_come_back=True)
    dialect = choose_dialect(request, default="events")
    return await answer_run(request, await find_run(request, run_id), dialect, place=place)


@router.post("/{run_id}/stop")
async def stop_run(request: Request, run_id: str) -> Response:
    """Stop the run and give the receipt; stopping an ended run gives its state."""
    return answer_json(await services_of(request).engine.stop(owner_of(request), check_id(run_id, what="run")))
