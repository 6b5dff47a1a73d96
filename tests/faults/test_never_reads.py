"""Readers that never read cost a bounded amount of memory, are dropped after the deadline, and hurt nobody.

What they do to the pace of others is measured by ``bench/deaf.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from pathlib import Path

import pytest

from support.api import Api, Transcript
from support.holdings import figures_of, holdings_of, resident_bytes
from support.programs import Program, emulator, server

pytestmark = pytest.mark.faults
MODEL = "gpt-5.4-mini"
MEBIBYTE = 1024 * 1024
PER_THOUSAND_BYTES = 64 * MEBIBYTE


def deaf(port: int, run_id: str) -> socket.socket:
    """Open a follower with a tiny receive buffer that never reads."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    reader.connect(("127.0.0.1", port))
    reader.sendall(f"GET /api/runs/{run_id}/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    return reader


async def peak_until_dropped(program: Program, readers: int) -> int:
    """Wait until the server has dropped so many readers; gives the most memory that it had meanwhile."""
    peak = 0
    while (await figures_of(program))["penstock_streams_dropped_total"] < readers:
        peak = max(peak, resident_bytes(program.pid))
        await asyncio.sleep(0.1)
    return peak


@pytest.mark.parametrize("is_live", [True, False], ids=["while it is written", "from its log"])
async def test_deaf_readers_are_dropped_and_others_are_unhurt(tmp_path: Path, *, is_long: bool, is_live: bool) -> None:
    readers = 1000 if is_long else 250
    deadline_s = 30 if is_long else 2
    with contextlib.ExitStack() as stack:
        service = emulator(tmp_path, "fast")
        program = server(tmp_path, service, MODEL, PENSTOCK_WRITE_DEADLINE_S=str(deadline_s))
        stack.callback(service.close)
        stack.callback(program.close)
        await service.start(ready="/emulator/stats")
        await program.start()
        async with Api(program.url) as api:
            await read(api, "warm")
            before = resident_bytes(program.pid)
            run_id = (await api.send("big", "long 200000 words", model=MODEL))[1]["run"]["id"]
            if not is_live:
                await api.follow(Transcript(run_id))
            for _ in range(readers):
                stack.enter_context(await asyncio.to_thread(deaf, program.port, run_id))
            whole = await api.follow(Transcript(run_id))
            assert whole.is_gapless
            assert [event["type"] for event in whole.terminals] == ["run-finished"]
            async with asyncio.timeout(3 * deadline_s + 30):
                grown = await peak_until_dropped(program, readers) - before
            again = await api.follow(Transcript(run_id))
            assert again.text == whole.text
        async with asyncio.timeout(30):
            while (await holdings_of(program, service)).clients:  # noqa: ASYNC110 - another process decides
                await asyncio.sleep(0.1)
    print(
        f"{readers} deaf readers: memory grew by {grown / MEBIBYTE:.1f} MiB at most, all dropped after {deadline_s} s"
    )
    assert grown <= PER_THOUSAND_BYTES * readers // 1000


async def read(api: Api, conversation_id: str) -> None:
    """Have a long answer made and read to its end, once as it is written and once from its log."""
    _, body = await api.send(conversation_id, "long 200000 words", model=MODEL)
    for _ in range(2):
        await api.follow(Transcript(body["run"]["id"]))
