"""Who does not read is aborted after the deadline, and not before."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest

from penstock.server.output_watch import OutputWatch
from support.running import until


class Connected:
    """A transport whose peer reads only when told to."""

    def __init__(self, transport: asyncio.Transport, peer: socket.socket) -> None:
        self.transport = transport
        self.peer = peer
        self.stuck = 0
        self.watch = OutputWatch(transport, deadline_s=0.2, on_stuck=self._note)

    def _note(self) -> None:
        self.stuck += 1


@pytest.fixture
async def connected() -> AsyncIterator[Connected]:
    """Connect two sockets of this machine, with small buffers."""
    ours, peer = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=ours)
    yield Connected(transport, peer)
    transport.abort()
    peer.close()


async def test_output_that_does_not_move_aborts(connected: Connected):
    connected.transport.write(b"x" * 1_000_000)
    connected.watch.start()
    await until(connected.transport.is_closing)
    assert connected.stuck == 1


async def test_a_slow_reader_stays(connected: Connected):
    """It reads less than once in a look, so only the deadline as a whole may count."""
    connected.transport.write(b"x" * 1_000_000)
    connected.watch.start()
    connected.peer.setblocking(False)
    for _ in range(8):
        await asyncio.sleep(0.06)
        with contextlib.suppress(BlockingIOError):
            connected.peer.recv(200_000)
    assert not connected.transport.is_closing()


async def test_output_that_has_left_is_watched_no_longer(connected: Connected):
    connected.transport.write(b"x")
    connected.watch.start()
    await until(lambda: "is_watching=False" in repr(connected.watch))
    assert not connected.transport.is_closing()


async def test_a_cancelled_watch_aborts_nothing(connected: Connected):
    connected.transport.write(b"x" * 1_000_000)
    connected.watch.start()
    connected.watch.start()
    connected.watch.cancel()
    assert "is_watching=False" in repr(connected.watch)
