"""Starts and stops the emulator: a stand-in for the Azure OpenAI service over real HTTP, honest about what it is.

Any deployment name answers. Some names choose a behaviour:

- ``fault-<name>`` shows a fault (also by the header ``x-emulator-fault``); the list is `faults.FAULTS`, and
  ``docs/reference/emulator.md`` has it in words.
- ``profile-<name>`` chooses a latency profile (also by the header ``x-emulator-profile``): `profiles.PROFILES`.
- ``deepseek-*`` thinks aloud in ``reasoning_content``, ``think-*`` in ``<think>`` tags.
- ``gpt-5*`` and ``o1``, ``o3`` ... refuse ``max_tokens`` and any ``temperature`` but 1, as those families do.

The last user message chooses the answer: ``echo: text``, ``count N``, ``long N words``, ``show markdown``, or a word
like "connect" or "help".
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from aiohttp import web

from penstock.emulator.profiles import PROFILES, Profile, choose_profile
from penstock.emulator.response_service import ResponseService
from penstock.emulator.service import Service, Settings
from penstock.emulator.tally import Closing, Tally

_DEFAULT_PROFILE = "azure-default"
_BODY_BYTES = 32 * 1024 * 1024
_CLOSE_S = 0.05
_ACCEPT_TURNS = 4
"""Turns of the loop in which asyncio takes a connection that has come: one half taken would never be closed."""


@dataclass(frozen=True, kw_only=True)
class Emulator:
    """A running emulator."""

    host: str
    port: int
    tally: Tally
    _runner: web.AppRunner

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end: what ``AZURE_OPENAI_ENDPOINT`` wants."""
        return f"http://{self.host}:{self.port}"

    @property
    def closings(self) -> list[Closing]:
        """The answers whose sockets the client closed early, oldest first."""
        return list(self.tally.closings)

    async def close(self) -> None:
        """Stop listening and break what is open."""
        self.tally.is_shutting_down = True
        for _ in range(_ACCEPT_TURNS):
            await asyncio.sleep(0)
        await self._runner.cleanup()


async def start_emulator(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    profile: str = _DEFAULT_PROFILE,
    api_key: str | None = None,
    has_strict_audience: bool = False,
    seed: int = 0,
) -> Emulator:
    """Start an emulator in this event loop; port 0 takes a free one.

    Raises `OSError` when the port is in use, `ValueError` for an unknown profile.

    Without ``api_key`` every key passes. ``has_strict_audience`` accepts Entra tokens only for the audience that the
    surface's documentation names. The same ``seed`` gives the same ids and times, request by request.
    """
    tally = Tally()
    settings = Settings(
        profile=_profile_named(profile),
        api_key=api_key,
        has_strict_audience=has_strict_audience,
        seed=seed,
    )
    app = web.Application(client_max_size=_BODY_BYTES)
    service = Service(settings, tally)
    responses = ResponseService(service, tally)
    app.add_routes([*responses.routes(), *service.routes()])
    app.on_shutdown.append(lambda _app: responses.close())
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=_CLOSE_S)
    await runner.setup()
    site = web.TCPSite(runner, host, port, backlog=1024)
    try:
        await site.start()
    except OSError:
        await runner.cleanup()
        raise
    bound: int = runner.addresses[0][1]
    return Emulator(host=host, port=bound, tally=tally, _runner=runner)


def _profile_named(name: str) -> Profile:
    try:
        return choose_profile(name)
    except KeyError as error:
        message = f"The emulator has no profile {error}; it has {', '.join(PROFILES)}."
        raise ValueError(message) from error


def run_emulator(
    host: str = "127.0.0.1",
    port: int = 8001,
    profile: str = _DEFAULT_PROFILE,
    *,
    api_key: str | None = None,
    on_ready: Callable[[Emulator], None] = lambda _emulator: None,
) -> None:
    """Run an emulator until SIGINT or SIGTERM; ``on_ready`` hears where it listens. Prints nothing.

    Raises `OSError` when the port is in use.
    """
    asyncio.run(_serve(start_emulator(host=host, port=port, profile=profile, api_key=api_key), on_ready))


async def _serve(start: Coroutine[None, None, Emulator], on_ready: Callable[[Emulator], None]) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    emulator = await start
    on_ready(emulator)
    try:
        await ended.wait()
    finally:
        await emulator.close()
