"""What the routes work with. Made by the composition root (``app.py``), found through the request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from penstock.composition.settings import Settings
from penstock.core.ports import Bus, Catalog, Clock, Files, Ids, Store
from penstock.runs.engine import Engine
from penstock.server.streaming import OpenStreams
from penstock.wire.dialect import Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One server's parts, wired."""

    settings: Settings
    store: Store
    shared_bus: Bus | None = None
    """What joins this instance to others on the same database; None when there are none."""
    files: Files
    engine: Engine
    catalog: Catalog
    dialects: Sequence[Dialect]
    """The first is the default of ``POST /api/chat``."""
    clock: Clock
    ids: Ids
    streams: OpenStreams
    emulator_url: str | None = None
    """Where the bundled emulator listens, when it answers because no model is configured."""


def services_of(connection: HTTPConnection) -> Services:
    """Give the services of the server that handles the request, or the WebSocket."""
    services: Services = connection.app.state.services
    return services
