"""One WebSocket of the AI SDK: many requests on one connection, each followed by a task of its own.

A disconnect, or an ``abort``, ends the following and never the run. A slow reader holds its tasks at their next frame
until the write deadline of the connection drops it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final, assert_never

from starlette.websockets import WebSocket, WebSocketDisconnect

from penstock.core.errors import CallerError, PenstockError, UnavailableError
from penstock.core.messages import Run
from penstock.server.answers import context_of
from penstock.server.auth import owner_of
from penstock.server.output_watch import DROPPED
from penstock.server.services import services_of
from penstock.server.streaming import Followed
from penstock.wire.chat_frames import (
    Abort,
    ChunkFrames,
    Frame,
    Resume,
    Send,
    Unreadable,
    read_frame,
    write_end,
    write_error,
    write_no_active,
    write_start,
)

MAX_REQUESTS: Final = 32
"""How many requests of one connection are answered at once."""

_logger = logging.getLogger("penstock.server")


class _Following:
    """A run that is followed for one request: what `OpenStreams` has to know of it."""

    def __init__(self, follower: Followed) -> None:
        self.follower = follower

    def keep_alive(self, *, now: float, silent_since: float) -> None:
        """Hold nothing for who does not read; the connection has its own pings."""
        del now, silent_since
        self.follower.forget()

    def recycle(self, *, old_since: float) -> None:
        """Do nothing: one request can't say that the connection is old."""
        del old_since


class _Pending:
    """A request while it is answered."""

    def __init__(self) -> None:
        self.run: Run | None = None
        self.is_stop_asked = False
        self.task: asyncio.Task[None] | None = None


class ChatSocket:
    """One connection, from its opening to its end."""

    def __init__(self, websocket: WebSocket) -> None:
        """Take the connection; nothing is accepted yet."""
        self._websocket = websocket
        self._services = services_of(websocket)
        self._owner = owner_of(websocket)
        self._parameters = dict(websocket.query_params)
        self._pending: dict[str, _Pending] = {}

    def __repr__(self) -> str:
        """Show what is being answered."""
        return f"ChatSocket(pending={list(self._pending)})"

    async def serve(self) -> None:
        """Answer frames until the client leaves."""
        await self._websocket.accept()
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._read_frames(tasks)
                for pending in self._pending.values():
                    self._detach(pending)
        finally:
            self._services.streams.dropped += DROPPED in self._websocket.scope

    async def _read_frames(self, tasks: asyncio.TaskGroup) -> None:
        while (message := await self._websocket.receive())["type"] == "websocket.receive":
            text: str | None = message.get("text")
            await self._take(read_frame(message["bytes"] if text is None else text), tasks)

    async def _take(self, frame: Frame, tasks: asyncio.TaskGroup) -> None:
        match frame:
            case Send() | Resume():
                error = self._find_fault(frame.request_id)
                if error is None:
                    pending = self._pending[frame.request_id] = _Pending()
                    pending.task = tasks.create_task(self._answer(frame, pending))
                else:
                    await self._send(write_error(frame.request_id, error))
            case Abort():
                self._abort(frame, tasks)
            case Unreadable():
                await self._send(write_error(frame.request_id, frame.error))
            case _:
                assert_never(frame)

    def _find_fault(self, request_id: str) -> PenstockError | None:
        if request_id in self._pending:
            return CallerError("`requestId` is that of a request that is being answered.", field="requestId")
        if len(self._pending) >= MAX_REQUESTS:
            return UnavailableError(f"One connection answers {MAX_REQUESTS} requests at once. Open another one.")
        return None

    def _abort(self, frame: Abort, tasks: asyncio.TaskGroup) -> None:
        """Detach, or stop; a request that has ended already is nobody's fault."""
        pending = self._pending.get(frame.request_id)
        if pending is None:
            return
        if not frame.is_stop:
            self._detach(pending)
        elif pending.run is None:
            pending.is_stop_asked = True
        else:
            tasks.create_task(self._stop(frame.request_id, pending.run))

    @staticmethod
    def _detach(pending: _Pending) -> None:
        if pending.task is not None:
            pending.task.cancel()

    async def _answer(self, frame: Send | Resume, pending: _Pending) -> None:
        try:
            pending.run = await self._find_run(frame)
            if pending.run is None:
                await self._send(write_no_active(frame.request_id))
                return
            if pending.is_stop_asked:
                await self._stop(frame.request_id, pending.run)
            await self._follow(frame, pending.run)
        except PenstockError as error:
            await self._send(write_error(frame.request_id, error))
        finally:
            del self._pending[frame.request_id]

    async def _stop(self, request_id: str, run: Run) -> None:
        """Stop the run; its end comes to this request as to every follower."""
        try:
            await self._services.engine.stop(self._owner, run.id)
        except PenstockError as error:
            await self._send(write_error(request_id, error))

    async def _find_run(self, frame: Send | Resume) -> Run | None:
        engine = self._services.engine
        match frame:
            case Send():
                return (await engine.begin(self._owner, frame.request)).run
            case Resume():
                return await engine.find_live_run(self._owner, frame.conversation_id)
            case _:
                assert_never(frame)

    async def _follow(self, frame: Send | Resume, run: Run) -> None:
        follower = await self._services.engine.follow(self._owner, run.id)
        match frame:
            case Send():
                frames = ChunkFrames(frame.request_id, context_of(run, {**self._parameters, **frame.switches}))
            case Resume():
                context = context_of(run, self._parameters)
                frames = ChunkFrames(frame.request_id, context, last_sequence=frame.last_sequence)
            case _:
                assert_never(frame)
        try:
            with self._services.streams.hold(_Following(follower)):
                await self._send(write_start(frame.request_id))
                await self._relay(follower, frames)
                await self._send(write_end(frame.request_id))
        finally:
            follower.close()

    async def _relay(self, follower: Followed, frames: ChunkFrames) -> None:
        while not follower.is_ended:
            batches = await follower.read()
            if not batches and self._services.streams.is_draining:
                message = "The server is shutting down. The answer goes on: resume it in a moment."
                raise UnavailableError(message)
            for batch in batches:
                for text in frames.encode(batch):
                    await self._send(text)

    async def _send(self, text: str) -> None:
        """Send a frame; a client that has left is noticed where frames are read."""
        try:
            await self._websocket.send_text(text)
        except (WebSocketDisconnect, RuntimeError) as error:
            _logger.debug("a frame was not sent: %r", error)
