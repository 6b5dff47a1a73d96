"""A dialogue with an engine: the one in this process, or that of a running server."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, Protocol

import aiohttp
import msgspec

from penstock.composition.settings import Settings
from penstock.core.errors import PenstockError, StoreError
from penstock.core.events import Event, RunFailed, RunFinished, RunInterrupted, RunStopped, decode_event
from penstock.core.messages import Run, TextPart
from penstock.core.requests import ChatRequest, InputMessage
from penstock.runs.receipt import Receipt
from penstock.server.app import open_services
from penstock.server.auth import LOCAL_OWNER
from penstock.server.services import Services

_RECONNECTS = 8
_ENDS = (RunFinished, RunFailed, RunStopped, RunInterrupted)


class Talk(Protocol):
    """One conversation."""

    @property
    def notice(self) -> str | None:
        """Give what a person should know before the first answer."""
        ...

    async def ask(self, text: str) -> str:
        """Send a message; gives the id of the run that answers."""
        ...

    def follow(self, run_id: str) -> AsyncIterator[Sequence[Event]]:
        """Give the run's events as they come, the terminal last."""
        ...

    async def stop(self, run_id: str) -> Receipt:
        """Stop the run."""
        ...


class RemoteError(PenstockError):
    """The server refused, or is not there."""

    code = "remote"


class LocalTalk:
    """A conversation in this process, kept in the user's own database."""

    def __init__(self, services: Services, model: str | None) -> None:
        """Begin a conversation with its first message."""
        self._services = services
        self._model = model
        self._conversation_id = services.ids.make("conv")

    @property
    def notice(self) -> str | None:
        """Say when no model answers."""
        if self._services.emulator_url is None:
            return None
        return "No model is configured: the bundled emulator answers. `penstock doctor` says how to change that."

    async def ask(self, text: str) -> str:
        """Send a message."""
        message = InputMessage(role="user", parts=(TextPart(text=text),))
        request = ChatRequest(messages=(message,), conversation_id=self._conversation_id, model=self._model)
        begun = await self._services.engine.begin(LOCAL_OWNER, request)
        return begun.run.id

    async def follow(self, run_id: str) -> AsyncGenerator[Sequence[Event]]:
        """Read the run's log."""
        follower = await self._services.engine.follow(LOCAL_OWNER, run_id)
        while not follower.is_ended:
            for batch in await follower.read():
                yield batch.events

    async def stop(self, run_id: str) -> Receipt:
        """Stop the run."""
        return await self._services.engine.stop(LOCAL_OWNER, run_id)


class RemoteTalk:
    """A conversation on a running server."""

    def __init__(self, session: aiohttp.ClientSession, url: str, model: str | None) -> None:
        """Begin a conversation with its first message."""
        self._session = session
        self._url = url.rstrip("/")
        self._model = model
        self._conversation_id = f"conv_{uuid.uuid4().hex}"

    @property
    def notice(self) -> str | None:
        """Say nothing: the server's own page says what answers."""
        return None

    async def ask(self, text: str) -> str:
        """Send a message."""
        path = f"/api/conversations/{self._conversation_id}/messages"
        body = {"text": text, "client_message_id": uuid.uuid4().hex, "model": self._model}
        answer = await self._post(path, body, {"Prefer": "respond-async"})
        return msgspec.convert(answer["run"], Run).id

    async def follow(self, run_id: str) -> AsyncGenerator[Sequence[Event]]:
        """Read the run's events, and go on after the last one when the connection breaks."""
        seen = -1
        failures = 0
        while failures <= _RECONNECTS:
            async for event in self._read(run_id, after=seen):
                seen += 1
                failures = 0
                yield (event,)
                if isinstance(event, _ENDS):
                    return
            failures += 1
            await asyncio.sleep(min(0.1 * 2**failures, 5))
        message = f"The server at {self._url} is gone; the answer so far is kept there."
        raise RemoteError(message)

    async def _read(self, run_id: str, *, after: int) -> AsyncGenerator[Event]:
        """Give events until the connection ends, however it ends."""
        path = f"{self._url}/api/runs/{run_id}/events?after={after}"
        with contextlib.suppress(aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError):
            async with self._session.get(path) as response:
                await _check(response)
                async for event in _read_events(response.content):
                    yield event

    async def stop(self, run_id: str) -> Receipt:
        """Stop the run."""
        return msgspec.convert(await self._post(f"/api/runs/{run_id}/stop", {}, {}), Receipt)

    async def _post(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
        try:
            async with self._session.post(self._url + path, json=body, headers=headers) as response:
                await _check(response)
                answer: dict[str, Any] = await response.json()
                return answer
        except aiohttp.ClientConnectionError as error:
            message = f"No server answers at {self._url}: start it with `penstock serve`, or leave --url away."
            raise RemoteError(message) from error


@asynccontextmanager
async def _open_local(settings: Settings, model: str | None) -> AsyncGenerator[Talk]:
    async with AsyncExitStack() as stack:
        try:
            services = await stack.enter_async_context(open_services(settings))
        except StoreError as error:
            raise _point_to_server(error, settings) from error
        yield LocalTalk(services, model)


def _point_to_server(error: StoreError, settings: Settings) -> StoreError:
    """Say how a server answers that keeps the database from this process, as one does that merely runs."""
    if error.code != "store_locked":
        return error
    way = f"If a server has it, let that one answer: penstock chat --url {settings.address()}"
    return StoreError(f"{error.message} {way} (or the address that it printed).", code=error.code)


@asynccontextmanager
async def _open_remote(url: str, model: str | None) -> AsyncGenerator[Talk]:
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=60)
    async with aiohttp.ClientSession(timeout=timeout, read_bufsize=16 * 1024 * 1024) as session:
        yield RemoteTalk(session, url, model)


def open_talk(settings: Settings, *, url: str | None, model: str | None) -> AbstractAsyncContextManager[Talk]:
    """Open a conversation here, or at ``url``."""
    return _open_local(settings, model) if url is None else _open_remote(url, model)


async def _read_events(content: aiohttp.StreamReader) -> AsyncGenerator[Event]:
    async for line in content:
        if line.startswith(b"data: "):
            yield decode_event(line[6:])


async def _check(response: aiohttp.ClientResponse) -> None:
    if response.status < 400:  # noqa: PLR2004 - where errors begin
        return
    try:
        problem: dict[str, Any] = await response.json(content_type=None)
        detail = str(problem["detail"])
    except (ValueError, KeyError, TypeError):
        detail = f"The server answered {response.status} {response.reason}."
    raise RemoteError(detail)
