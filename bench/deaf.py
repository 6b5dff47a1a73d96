"""What readers that never read do to the others: the 99th percentile of the gaps between tokens, alone and beside them.

    python bench/deaf.py [--readers 1000] [--rounds 3]

Each round reads ten paced answers alone, then again while the deaf readers connect to a long answer, and again while
they sit there. Prints one JSON object: milliseconds, and the ratios to the gaps alone. The readers share the machine
with everything else.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp

LONG, PACED = "long", "paced"
TOKENS = 300
AT_ONCE = 10
SETTLE_S = 2
DEADLINE = {"PENSTOCK_WRITE_DEADLINE_S": "120"}
"""They are not dropped while it is measured."""


def free_port() -> int:
    """Give a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def program(*arguments: str, port: int, **environment: str) -> Generator[None]:
    """Run a ``penstock`` command."""
    command = [sys.executable, "-m", "penstock.cli.main", *arguments, "--port", str(port)]
    process = subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def configure(folder: Path, service: int) -> dict[str, str]:
    """Write the configuration of the server; gives its environment."""
    models = ((LONG, "profile-fast"), (PACED, "profile-fast;token_ms=10"))
    config = folder / "penstock.toml"
    config.write_text(
        "".join(
            f'[[models]]\nid = "{name}"\nprovider = "azure_openai"\ndeployment = "{deployment}"\n'
            f'endpoint = "http://127.0.0.1:{service}"\napi_key = "benchmark"\n'
            for name, deployment in models
        )
    )
    return {"PENSTOCK_CONFIG": str(config), "PENSTOCK_DATA_DIR": str(folder), "PENSTOCK_AUTO_TITLES": "0", **DEADLINE}


async def wait_for(session: aiohttp.ClientSession, url: str) -> None:
    """Wait until a server answers."""
    while True:
        with contextlib.suppress(aiohttp.ClientError):
            async with session.get(url):
                return
        await asyncio.sleep(0.05)


async def begin(session: aiohttp.ClientSession, url: str, model: str, text: str) -> str:
    """Begin an answer; gives where it is followed."""
    conversation = f"{url}/api/conversations/c{time.monotonic_ns()}/messages"
    async with session.post(
        conversation, json={"text": text, "model": model}, headers={"Prefer": "respond-async"}
    ) as response:
        return f"/api/runs/{(await response.json())['run']['id']}/events"


async def read_paced(session: aiohttp.ClientSession, url: str) -> list[float]:
    """Read one paced answer; gives the milliseconds between its pieces."""
    path = await begin(session, url, PACED, f"count {TOKENS}")
    async with session.get(url + path) as response:
        arrivals = [time.monotonic() * 1000 async for _ in response.content.iter_any()]
    return [later - earlier for earlier, later in pairwise(arrivals)]


async def p99_ms(session: aiohttp.ClientSession, url: str) -> float:
    """Read some paced answers at once; gives the gap that one in a hundred is above."""
    answers = await asyncio.gather(*(read_paced(session, url) for _ in range(AT_ONCE)))
    gaps = sorted(gap for answer in answers for gap in answer)
    return gaps[len(gaps) * 99 // 100]


async def settle(session: aiohttp.ClientSession, url: str, readers: int) -> None:
    """Wait until the server answers all of them, and a moment longer."""
    count = 0
    while count < readers:
        async with session.get(url + "/metrics") as response:
            lines = (await response.text()).splitlines()
        count = next(int(line.split()[1]) for line in lines if line.startswith("penstock_open_streams "))
    await asyncio.sleep(SETTLE_S)


def open_deaf(port: int, path: str) -> socket.socket:
    """Follow, with a tiny receive buffer, and never read."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    reader.connect(("127.0.0.1", port))
    reader.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return reader


async def one_round(session: aiohttp.ClientSession, url: str, path: str, readers: int) -> dict[str, float]:
    """Measure once alone, and twice beside deaf readers of ``path``."""
    port = int(url.rpartition(":")[2])
    alone = await p99_ms(session, url)
    with contextlib.ExitStack() as stack:
        coming = asyncio.create_task(p99_ms(session, url))
        for _ in range(readers):
            stack.enter_context(await asyncio.to_thread(open_deaf, port, path))
        come = await coming
        await settle(session, url, readers)
        return {"alone": alone, "while_they_come": come, "while_they_sit": await p99_ms(session, url)}


async def measure(port: int, readers: int, rounds: int) -> dict[str, Any]:
    """Measure the rounds; gives the medians."""
    url = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await wait_for(session, url)
        path = await begin(session, url, LONG, "long 200000 words")
        await p99_ms(session, url)
        found = [await one_round(session, url, path, readers) for _ in range(rounds)]
    medians = {name: sorted(one[name] for one in found)[len(found) // 2] for name in found[0]}
    ratios = {name: round(value / medians["alone"], 2) for name, value in medians.items() if name != "alone"}
    return {"readers": readers, "p99_ms": {name: round(value, 2) for name, value in medians.items()}, "ratio": ratios}


def main() -> None:
    """Start the emulator and a server, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    service, port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        stack.enter_context(program("emulator", "--profile", "fast", port=service))
        stack.enter_context(program("serve", port=port, **configure(Path(folder), service)))
        print(json.dumps(asyncio.run(measure(port, options.readers, options.rounds))))


if __name__ == "__main__":
    main()
