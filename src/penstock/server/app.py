"""The composition root, with the room ``composition``: picks adapters, and wires store, models, engine and routes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Final

from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from penstock import __version__
from penstock.composition.catalog import find_title_model
from penstock.composition.dialects import DIALECTS
from penstock.composition.models import open_models
from penstock.composition.settings import Settings
from penstock.composition.storage import open_storage
from penstock.composition.system import SystemClock, SystemIds
from penstock.core.errors import PenstockError
from penstock.providers.accounting import GenaiAccountant
from penstock.providers.own_code import Pipeline
from penstock.runs.engine import Engine
from penstock.runs.limits import Limits
from penstock.runs.titler import Titler
from penstock.server.guards import Guards
from penstock.server.problems import handle_http_exception, handle_penstock_error, handle_unknown_exception
from penstock.server.reading import Reading
from penstock.server.routes import (
    attachments,
    chat,
    conversations,
    gateway,
    health,
    messages,
    models,
    page,
    runs,
    socket,
)
from penstock.server.services import Services
from penstock.server.streaming import OpenStreams
from penstock.stores.folder_files import FolderFiles

ROUTERS: Final[tuple[APIRouter, ...]] = (
    chat.router,
    runs.router,
    messages.router,
    socket.router,
    conversations.router,
    attachments.router,
    models.router,
    gateway.router,
    health.router,
    page.router,
)

_DRAIN_MARGIN_S: Final = 2.5
"""What ending the runs may take beyond their grace: a moment, but on a machine that is busy with a hundred of them."""
_STREAMS_END_S: Final = 0.3
_DAY_S: Final = 24 * 3600

_logger = logging.getLogger("penstock.server")


class Application:
    """The ASGI application. Open it with `open`, or let the server's lifespan do so."""

    def __init__(
        self,
        settings: Settings,
        *,
        pipelines: Mapping[str, Pipeline] | None = None,
        allowed_origins: Sequence[str] = (),
        is_mounted: bool = False,
    ) -> None:
        """Build the routes; nothing is opened yet.

        ``pipelines`` are generators of the host program, which answer like models. Who ``is_mounted`` in a program
        leaves it to that which host names are served; pages of ``allowed_origins`` may ask beside its own.
        """
        self.is_open = False
        self.settings = settings
        self._pipelines = pipelines
        self.api = _make_api(self)
        self._guarded = Guards(
            Reading(self.api, runs.follow_run),
            allowed_hosts=settings.allowed_hosts,
            allowed_origins=allowed_origins,
            is_host_checked=(settings.is_loopback and not is_mounted) or bool(settings.allowed_hosts),
            body_limit_bytes=settings.body_limit_bytes,
            upload_limits={attachments.PATH: settings.attachment_limit_bytes},
        )

    def __repr__(self) -> str:
        """Show what is guarded how."""
        return f"Application({self._guarded!r})"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or the lifespan."""
        await self._guarded(scope, receive, send)

    @property
    def services(self) -> Services:
        """The services, while it is open."""
        services: Services = self.api.state.services
        return services

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[Services]:
        """Open everything; close it in the opposite order."""
        async with open_services(self.settings, self._pipelines) as services:
            self.api.state.services = services
            services.streams.start()
            self.is_open = True
            try:
                yield services
            finally:
                self.is_open = False
                await services.streams.close()

    async def drain(self) -> None:
        """Take no new runs, end the live ones within the grace, and end every open stream."""
        services = self.services
        grace_s = self.settings.drain_grace_s
        try:
            async with asyncio.timeout(grace_s + _DRAIN_MARGIN_S):
                await services.engine.drain(grace_s)
        except TimeoutError:
            _logger.warning(
                "some runs did not end in time; another instance, or the next start, ends them as interrupted"
            )
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STREAMS_END_S):
                await services.streams.end()


def create_app(settings: Settings) -> Application:
    """Build the application of these settings."""
    return Application(settings)


@contextlib.asynccontextmanager
async def open_services(
    settings: Settings, pipelines: Mapping[str, Pipeline] | None = None
) -> AsyncGenerator[Services]:
    """Open store, models and engine, and close them again; what the server and ``penstock chat`` work with."""
    clock = SystemClock()
    async with contextlib.AsyncExitStack() as stack:
        storage = await stack.enter_async_context(open_storage(settings, clock=clock))
        store = storage.store
        files = FolderFiles(settings.attachments_dir)
        models = await stack.enter_async_context(open_models(settings, pipelines))
        catalog = models.catalog
        accountant = GenaiAccountant()
        engine = Engine(
            store=store,
            catalog=catalog,
            accountant=accountant,
            bus=storage.bus,
            clock=clock,
            ids=SystemIds(),
            files=files,
            limits=_limits(settings),
        )
        if settings.auto_titles:
            titler = Titler(store, catalog, accountant, model_id=find_title_model(settings, catalog))
            stack.push_async_callback(titler.close)
            engine.on_end(titler.consider)
        await engine.start()
        stack.push_async_callback(engine.close)
        yield Services(
            settings=settings,
            store=store,
            shared_bus=storage.bus if storage.is_shared else None,
            files=files,
            engine=engine,
            catalog=catalog,
            dialects=DIALECTS,
            clock=clock,
            ids=SystemIds(),
            streams=OpenStreams(
                heartbeat_s=settings.heartbeat_s, recycle_after_s=settings.recycle_streams_after_s or math.inf
            ),
            emulator_url=models.emulator_url,
        )


def _limits(settings: Settings) -> Limits:
    return Limits(
        live_runs=settings.max_live_runs,
        live_runs_per_owner=settings.max_live_runs_per_owner or None,
        deleted_retention_s=settings.deleted_retention_days * _DAY_S,
    )


def _make_api(application: Application) -> FastAPI:
    api = FastAPI(
        title="Penstock",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=lambda _api: _as_lifespan(application),
    )
    api.state.static = page.STATIC
    for router in ROUTERS:
        api.include_router(router)
    api.mount("/assets", page.Assets(directory=page.STATIC / "assets", check_dir=False))
    api.add_exception_handler(PenstockError, handle_penstock_error)
    api.add_exception_handler(HTTPException, handle_http_exception)
    api.add_exception_handler(Exception, handle_unknown_exception)
    return api


@contextlib.asynccontextmanager
async def _as_lifespan(application: Application) -> AsyncGenerator[None]:
    async with application.open():
        yield
