"""``penstock serve``."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop

from penstock.cli.failure import USAGE, fail, one_sentence
from penstock.composition.settings import Settings, load_settings
from penstock.composition.storage import check_storage
from penstock.server.app import Application, create_app
from penstock.server.listener import bind
from penstock.server.process import calm_collector, make_server
from penstock.server.services import Services
from penstock.server.workers import Supervisor


def run_serve(
    *, config: Path | None, host: str | None, port: int | None, workers: int | None, is_insecure: bool
) -> None:
    """Serve until a signal ends it."""
    given: dict[str, Any] = {"host": host, "port": port, "workers": workers, "insecure": is_insecure or None}
    with one_sentence():
        settings = load_settings(config, **{name: value for name, value in given.items() if value is not None})
        if not settings.is_loopback and not settings.insecure:
            sentence = (
                f"Nobody has to sign in, so listening on {settings.host} would let everyone in who reaches it: "
                "use --host 127.0.0.1, or give --insecure when something in front of it checks who comes."
            )
            raise fail(sentence, code=USAGE)
        check_storage(settings)
        listener = bind(settings)
        with listener:
            if settings.workers > 1:
                raise SystemExit(_serve_by_workers(settings, listener))
            uvloop.run(_serve(create_app(settings), listener))


def _serve_by_workers(settings: Settings, listener: socket.socket) -> int:
    """Let several processes take connections from the socket; the first of them says where."""

    def work(is_first: bool, say_ready: Callable[[], None]) -> int:
        with one_sentence():
            serving = _serve(create_app(settings), listener, on_ready=say_ready, is_announced=is_first)
            uvloop.run(serving)
        return 0

    return Supervisor(settings.workers, work).run()


async def _serve(
    application: Application,
    listener: socket.socket,
    *,
    on_ready: Callable[[], None] = lambda: None,
    is_announced: bool = True,
) -> None:
    async with application.open() as services:
        calm_collector()

        def start() -> None:
            on_ready()
            if is_announced:
                _announce(application.settings, services, listener)

        server = make_server(application, start)
        await server.serve(sockets=[listener])


def _announce(settings: Settings, services: Services, listener: socket.socket) -> None:
    print(f"Penstock is ready: {settings.address(listener.getsockname()[1])}", flush=True)
    if services.emulator_url is None:
        names = ", ".join(model.id for model in services.catalog.list())
        print(f"Models: {names}", flush=True)
        return
    print(
        "No model is configured, so the bundled emulator answers: what it says is not from a model.\n"
        "To use your own, set AZURE_OPENAI_ENDPOINT, AZURE_OPENAI_DEPLOYMENT and AZURE_OPENAI_API_KEY\n"
        "(without the key, Entra ID signs in), or OPENAI_API_KEY; penstock.toml lists several models.\n"
        "Then `penstock doctor` tries them.",
        flush=True,
    )
