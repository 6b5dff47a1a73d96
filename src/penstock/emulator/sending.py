"""A plan goes out over a socket: on time, in few writes, and broken off where the plan says so.

Each frame has a due time on one absolute scale, so a late timer does not slow the whole answer; what is due goes out
in one write. Nothing is sent after the client's close: aiohttp cancels the handler in ``connection_lost``.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Mapping

from aiohttp import web

from penstock.emulator.plan import FOREVER_S, Ending, Frame, Kind, Plan
from penstock.emulator.tally import OpenAnswer, Tally

_WRITE_BYTES = 64 * 1024
_BEFORE_RESET_S = 0.05
_LINGER_NOT = struct.pack("ii", 1, 0)


class Sender:
    """Sends one plan as the answer to one request."""

    def __init__(self, request: web.Request, plan: Plan, answer: OpenAnswer, tally: Tally) -> None:
        self._request = request
        self._plan = plan
        self._answer = answer
        self._tally = tally

    async def send(self, headers: Mapping[str, str]) -> web.StreamResponse:
        """Send everything; cancelled when the client goes away."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self._plan.headers_wait_s
        await _sleep_until(due)
        response = web.StreamResponse(headers={**headers, "Content-Type": self._plan.media_type})
        await response.prepare(self._request)
        buffer: list[Frame] = []
        size = 0
        for frame in self._plan.frames:
            due += frame.wait_s
            if frame.wait_s and (due > loop.time() or not self._plan.is_coalesced):
                await self._write(response, buffer)
                size = 0
                await _sleep_until(due)
            buffer.append(frame)
            size += len(frame.data)
            if size >= _WRITE_BYTES:
                await self._write(response, buffer)
                size = 0
        await self._write(response, buffer)
        await self._end(response)
        return response

    async def _write(self, response: web.StreamResponse, buffer: list[Frame]) -> None:
        if not buffer:
            return
        transport = self._request.transport
        tokens = sum(frame.tokens for frame in buffer)
        if transport is None or transport.is_closing():
            self._tally.tokens_sent_after_close += tokens
        await response.write(b"".join([frame.data for frame in buffer]))
        self._answer.tokens_sent += tokens
        self._answer.is_sent |= buffer[-1].kind is Kind.DONE
        buffer.clear()

    async def _end(self, response: web.StreamResponse) -> None:
        transport = self._request.transport
        if self._plan.ending is Ending.COMPLETE or transport is None:
            self._answer.is_sent = True
            await response.write_eof()
            return
        self._answer.is_cut_by_us = True
        if self._plan.ending is Ending.FIN:
            transport.close()
            return
        await asyncio.sleep(_BEFORE_RESET_S)  # a reset throws away what the peer has not read yet
        _reset(transport)


def _reset(transport: asyncio.Transport) -> None:
    bound = transport.get_extra_info("socket")
    with socket.socket(fileno=os.dup(bound.fileno())) as twin:
        twin.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    transport.abort()


async def _sleep_until(due: float) -> None:
    if due == FOREVER_S:
        await asyncio.Event().wait()
    await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
