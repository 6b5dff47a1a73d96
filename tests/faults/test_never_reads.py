"""Readers that never read cost a bounded amount of memory, are dropped after the deadline, and hurt nobody."""

from __future__ import annotations

import asyncio
import socket
import time
from itertools import pairwise
from pathlib import Path

import pytest

from support.api import Api, Transcript
from support.programs import emulator, server

pytestmark = pytest.mark.faults
MODEL = "gpt-5.4-mini"
PACED = "paced"
MEBIBYTE = 1024 * 1024
PER_READER_BYTES = 128 * 1024


def resident_bytes(pid: int) -> int:
    """Give the resident memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


def deaf(port: int, run_id: str) -> socket.socket:
    """Open a follower with a tiny receive buffer that never reads."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    reader.connect(("127.0.0.1", port))
    reader.sendall(f"GET /api/runs/{run_id}/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    return reader


def is_dropped(reader: socket.socket) -> bool:
    """Whether the server has closed this connection: reading what is buffered ends in an end or a reset."""
    reader.settimeout(5)
    try:
        while reader.recv(MEBIBYTE):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


async def gaps_ms(api: Api, number: int) -> list[float]:
    """Read another answer, of a model service with a pace; gives the milliseconds between its pieces."""
    _, body = await api.send(f"paced-{number}", "count 300", model=PACED)
    async with api.session.get(f"{api.url}/api/runs/{body['run']['id']}/events") as response:
        arrivals = [time.monotonic() * 1000 async for _ in response.content.iter_any()]
    return sorted(later - earlier for earlier, later in pairwise(arrivals))


def p99(values: list[float]) -> float:
    """Give the value that one in a hundred is above."""
    return values[len(values) * 99 // 100]


async def test_deaf_readers_are_dropped_and_others_are_unhurt(tmp_path: Path, is_long: bool) -> None:
    readers = 1000 if is_long else 40
    deadline_s = 30 if is_long else 2
    service = emulator(tmp_path, "fast")
    program = server(
        tmp_path, service, MODEL, f"{PACED}=profile-fast;token_ms=10", PENSTOCK_WRITE_DEADLINE_S=str(deadline_s)
    )
    await service.start(ready="/emulator/stats")
    try:
        await program.start()
        async with Api(program.url) as api:
            _, body = await api.send("big", "long 200000 words", model=MODEL)
            run_id = body["run"]["id"]
            before = resident_bytes(program.pid)
            alone = await gaps_ms(api, 0)
            sockets = [deaf(program.port, run_id) for _ in range(readers)]
            beside = await gaps_ms(api, 1)
            whole = await api.follow(Transcript(run_id))
            assert whole.is_gapless
            assert [event["type"] for event in whole.terminals] == ["run-finished"]
            await asyncio.sleep(deadline_s * 2 + 1)
            grown = resident_bytes(program.pid) - before
            dropped = [await asyncio.to_thread(is_dropped, reader) for reader in sockets]
            for reader in sockets:
                reader.close()
            assert all(dropped)
            assert grown < 32 * MEBIBYTE + readers * PER_READER_BYTES + 4 * len(whole.text)
            again = await api.follow(Transcript(run_id))
            assert again.text == whole.text
    finally:
        program.close()
        service.close()
    print(
        f"{readers} deaf readers: memory grew {grown / MEBIBYTE:.1f} MiB, all dropped after {deadline_s} s; "
        f"p99 between two events of another answer {p99(alone):.1f} ms alone, {p99(beside):.1f} ms beside them"
    )
