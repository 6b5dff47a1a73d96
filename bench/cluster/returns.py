"""What it takes a server when all followers of a live run come back at once.

    python bench/cluster/returns.py --postgres postgresql://postgres@127.0.0.1:5432/postgres [--redis redis://127.0.0.1/0]

Prints one JSON object per case: from the moment at which all connect to the first event that each of them had missed,
and the server's CPU for one of them. The clients are bare sockets in processes of their own, whose CPU is told apart.
In ``pair`` the run is made on another instance than the one they come back to; ``workers`` is that with so many worker
processes behind its port; ``bare`` is uvicorn with an application that knows its only piece of an answer by heart, the
least that any server of this kind can take here.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import sys
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import uvloop
from run import Instance, add_options, cpu_s, instances_of, upstream_service

CASES = ("bare", "sqlite", "postgres", "pair-notify", "pair", "workers")
MISSED_FROM = 4
MODEL = "paced-5-100"
LEAD_S = 1.5
LINGER_S = 0.3
PIECE = b"id: 1\ndata: {}\n\n"


class Return(asyncio.Protocol):
    """One follower that comes back behind an offset."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._heard = b""
        self.first: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - what TCP has
        """Ask at once."""
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Note when the first event came."""
        if not self.first.done():
            self._heard += data
            assert self._heard.startswith(b"HTTP/1.1 200 "[: len(self._heard)]), self._heard
            if b"\ndata: " in self._heard:
                self.first.set_result(time.monotonic())


@dataclass(frozen=True)
class Place:
    """Where all come back to."""

    port: int
    run_id: str
    server_pids: tuple[int, ...]


async def come_back(place: Place, count: int, at: float) -> tuple[list[float], float]:
    """Connect all at that moment; gives what each waited in milliseconds, and the CPU seconds that took here."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(at - time.monotonic())
    before = time.process_time()

    async def one(number: int) -> tuple[float, asyncio.Transport]:
        path = f"/api/runs/{place.run_id}/events?after={number % MISSED_FROM}"
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{place.port}\r\n\r\n".encode()
        transport, follower = await loop.create_connection(lambda: Return(request), "127.0.0.1", place.port)
        async with asyncio.timeout(30):
            return (await follower.first - at) * 1000, transport

    returns = await asyncio.gather(*(one(number) for number in range(count)))
    used_s = time.process_time() - before
    await asyncio.sleep(LINGER_S)
    for _, transport in returns:
        transport.abort()
    return [waited for waited, _ in returns], used_s


def client(place: Place, count: int, at: float, results: Any) -> None:
    """Be one process of clients."""
    results.put(uvloop.run(come_back(place, count, at)))


def measure(case: str, place: Place, options: argparse.Namespace) -> dict[str, object]:
    """One round."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    at = time.monotonic() + LEAD_S
    share = options.followers // options.clients
    before = sum(map(cpu_s, place.server_pids))
    clients = [context.Process(target=client, args=(place, share, at, results)) for _ in range(options.clients)]
    for process in clients:
        process.start()
    found = [results.get(timeout=60) for _ in clients]
    used_s = sum(map(cpu_s, place.server_pids)) - before
    for process in clients:
        process.join()
    waits = sorted(ms for waited, _ in found for ms in waited)
    return {
        "case": case,
        "followers": len(waits),
        "first_missed_event_ms_p50": round(waits[len(waits) // 2]),
        "first_missed_event_ms_p99": round(waits[len(waits) * 99 // 100]),
        "server_cpu_us_each": round(used_s / len(waits) * 1e6),
        "client_cpu_us_each": round(sum(used for _, used in found) / len(waits) * 1e6),
    }


async def begin(instance: Instance) -> str:
    """Begin a run that says next to nothing for a while; gives its id once there is something to miss."""
    url = f"{instance.url}/api/conversations/{uuid.uuid4().hex}/messages"
    async with aiohttp.ClientSession() as session:
        body, headers = {"text": "Go", "model": MODEL}, {"Prefer": "respond-async"}
        async with session.post(url, json=body, headers=headers) as response:
            run_id = (await response.json())["run"]["id"]
        async with session.get(f"{instance.url}/api/runs/{run_id}/events") as response:
            await response.content.readuntil(b"id: %d\n" % (MISSED_FROM + 1))
    return run_id


def processes_of(pid: int) -> tuple[int, ...]:
    """Give a process and those that it made."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return (pid, *(inner for child in children for inner in processes_of(int(child))))


@contextlib.asynccontextmanager
async def server_of(case: str, upstream: int, options: argparse.Namespace) -> AsyncIterator[Place]:
    """Give what a case is measured on."""
    if case == "bare":
        bare = await asyncio.create_subprocess_exec(sys.executable, __file__, "--bare", stdout=asyncio.subprocess.PIPE)
        assert bare.stdout is not None
        yield Place(int(await bare.stdout.readline()), "any", (bare.pid,))
        bare.kill()
        await bare.wait()
        return
    workers = {"PENSTOCK_WORKERS": str(options.workers)} if case == "workers" else {}
    async with instances_of("pair" if workers else case, upstream, options, models=(MODEL,), **workers) as instances:
        run_id = await begin(instances[0])
        server = instances[-1]
        yield Place(int(server.url.rpartition(":")[2]), run_id, processes_of(server.process.pid))


def serve_bare() -> None:
    """Serve what needs no thought."""
    import uvicorn  # noqa: PLC0415 - this process alone needs it

    async def answer(_scope: Any, receive: Any, send: Any) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]}
        await send(start)
        await send({"type": "http.response.body", "body": PIECE, "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass

    config = uvicorn.Config(answer, lifespan="off", access_log=False, log_level="warning", ws="none")
    listener = config.bind_socket()
    print(listener.getsockname()[1], flush=True)
    uvloop.run(uvicorn.Server(config).serve([listener]))


async def measure_all(upstream: int, options: argparse.Namespace) -> None:
    """Measure the cases, one after the other."""
    for case in options.cases:
        for _ in range(options.rounds):
            async with server_of(case, upstream, options) as place:
                print(json.dumps(await asyncio.to_thread(measure, case, place, options)), flush=True)


def main() -> None:
    """Start the model service and measure."""
    if "--bare" in sys.argv:
        serve_bare()
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, CASES)
    parser.add_argument("--followers", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=2, help="processes of clients")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    with upstream_service() as upstream:
        asyncio.run(measure_all(upstream, options))


if __name__ == "__main__":
    main()
