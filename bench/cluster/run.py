"""Two instances on PostgreSQL against one process on SQLite: added latency, tokens per second, CPU per token.

    python bench/cluster/run.py --postgres postgresql://postgres@127.0.0.1:5432/postgres [--redis redis://127.0.0.1/0]

Prints one JSON object per case. ``sqlite`` and ``postgres`` are one instance; in ``pair`` every answer is made on one
instance and followed on the other, over Redis, in ``pair-notify`` over PostgreSQL alone. The added latency is from the
moment the model service wrote a token to the moment a reader has it; CPU is that of all instances' process trees, not
of the databases. The model service is that of ``bench/relay``; the readers share the machine with everything else.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import aiohttp
import asyncpg

UPSTREAM = Path(__file__).parent.parent / "relay" / "upstream.py"
STAMP = re.compile(rb"\d{16}")
PACED, TOKENS = "paced-50-200", 200
BURST, BURST_TOKENS = "burst-1000", 1000
CASES = ("sqlite", "postgres", "pair-notify", "pair")


def cpu_s(pid: int) -> float:
    """CPU seconds of one process so far."""
    return sum(int((task / "schedstat").read_text().split()[0]) / 1e9 for task in Path(f"/proc/{pid}/task").iterdir())


class Instance:
    """One ``penstock serve``."""

    def __init__(self, folder: Path, upstream: int, settings: dict[str, str], models: Sequence[str]) -> None:
        folder.mkdir()
        config = folder / "penstock.toml"
        config.write_text(
            "".join(
                f'[[models]]\nid = "{name}"\nprovider = "azure_openai"\ndeployment = "{name}"\n'
                f'endpoint = "http://127.0.0.1:{upstream}"\napi_key = "benchmark"\n'
                for name in models
            )
        )
        environment = {"PENSTOCK_CONFIG": str(config), "PENSTOCK_DATA_DIR": str(folder), "PENSTOCK_AUTO_TITLES": "0"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "penstock.cli.main", "serve", "--port", "0"],
            env=os.environ | environment | settings,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        self.url = first.split()[-1]
        assert self.url.startswith("http"), first


class Reader:
    """Reads one log and notes when its tokens came."""

    def __init__(self) -> None:
        self.tokens = 0
        self.latencies_ms: list[float] = []

    async def read(self, session: aiohttp.ClientSession, url: str, run_id: str) -> None:
        """Read to the end."""
        rest = b""
        async with session.get(f"{url}/api/runs/{run_id}/events") as response:
            async for data in response.content.iter_any():
                now = time.monotonic_ns() // 1000
                rest += data
                stamps = STAMP.findall(rest)
                rest = rest[rest.rfind(stamps[-1]) + 16 :] if stamps else rest[-32:]
                self.tokens += len(stamps)
                self.latencies_ms += [(now - int(stamp)) / 1000 for stamp in stamps]


async def measure(case: str, instances: list[Instance], *, model: str, runs: int, followers: int) -> dict[str, object]:
    """One round: so many runs on the first instance, each followed so many times on the last."""
    expected = {PACED: TOKENS, BURST: BURST_TOKENS}[model]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def answer() -> list[Reader]:
            url = f"{instances[0].url}/api/conversations/{uuid.uuid4().hex}/messages"
            body, headers = {"text": "Go", "model": model}, {"Prefer": "respond-async"}
            async with session.post(url, json=body, headers=headers) as response:
                run_id = (await response.json())["run"]["id"]
            readers = [Reader() for _ in range(followers)]
            await asyncio.gather(*(reader.read(session, instances[-1].url, run_id) for reader in readers))
            return readers

        before, began = [cpu_s(one.process.pid) for one in instances], time.monotonic()
        readers = [reader for group in await asyncio.gather(*(answer() for _ in range(runs))) for reader in group]
        wall_s = time.monotonic() - began
        used_s = [cpu_s(one.process.pid) - earlier for one, earlier in zip(instances, before, strict=True)]
    assert all(reader.tokens == expected for reader in readers), {reader.tokens for reader in readers}
    latencies = sorted(ms for reader in readers for ms in reader.latencies_ms)
    return {
        "case": case,
        "model": model,
        "runs": runs,
        "followers": followers,
        "made_tokens_per_s": round(runs * expected / wall_s),
        "read_tokens_per_s": round(runs * followers * expected / wall_s),
        "latency_ms_p50": round(statistics.median(latencies), 2),
        "latency_ms_p99": round(latencies[len(latencies) * 99 // 100], 2),
        "cpu_us_per_made_token": [round(s / (runs * expected) * 1e6, 1) for s in used_s],
        "cpu_us_per_read_token": round(sum(used_s) / (runs * followers * expected) * 1e6, 1),
    }


@contextlib.asynccontextmanager
async def instances_of(
    case: str, upstream: int, options: argparse.Namespace, *, models: Sequence[str] = (PACED, BURST), **given: str
) -> AsyncIterator[list[Instance]]:
    """Start the instances of a case on a database of its own."""
    settings = dict(given)
    name = f"penstock_bench_{uuid.uuid4().hex[:8]}"
    with tempfile.TemporaryDirectory() as folder:
        if case != "sqlite":
            await execute(options.postgres, f"CREATE DATABASE {name}")
            settings["PENSTOCK_DATABASE_URL"] = f"{options.postgres.rpartition('/')[0]}/{name}"
        if case == "pair":
            settings["PENSTOCK_REDIS_URL"] = options.redis
        count = 2 if case.startswith("pair") else 1
        instances = [Instance(Path(folder) / str(number), upstream, settings, models) for number in range(count)]
        try:
            yield instances
        finally:
            for one in instances:
                one.process.terminate()
            for one in instances:
                one.process.wait(20)
            if case != "sqlite":
                await execute(options.postgres, f"DROP DATABASE {name} WITH (FORCE)")


async def execute(url: str, statement: str) -> None:
    """Run one statement."""
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


async def measure_all(cases: Sequence[str], upstream: int, options: argparse.Namespace) -> None:
    """Measure the cases, one after the other."""
    rounds = [(PACED, 1, 1), (PACED, 1, 10), (PACED, 1, 100), (PACED, 50, 1), (BURST, 16, 1)]
    for case in cases:
        async with instances_of(case, upstream, options) as instances:
            await measure(case, instances, model=PACED, runs=2, followers=1)
            for model, runs, followers in rounds:
                figures = await measure(case, instances, model=model, runs=runs, followers=followers)
                print(json.dumps(figures), flush=True)


@contextlib.contextmanager
def upstream_service() -> Iterator[int]:
    """Start the model service; gives its port."""
    service = subprocess.Popen([sys.executable, str(UPSTREAM)], stdout=subprocess.PIPE, text=True)
    assert service.stdout is not None
    try:
        yield int(service.stdout.readline())
    finally:
        service.kill()


def add_options(parser: argparse.ArgumentParser, cases: Sequence[str]) -> None:
    """Add what every measurement of several instances has to be told."""
    parser.add_argument("--postgres", required=True, help="URL of a database from which others may be made")
    parser.add_argument("--redis", default="redis://127.0.0.1:6379/9")
    parser.add_argument("--cases", nargs="+", choices=cases, default=list(cases))


def main() -> None:
    """Start the model service and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, CASES)
    options = parser.parse_args()
    with upstream_service() as upstream:
        asyncio.run(measure_all(options.cases, upstream, options))


if __name__ == "__main__":
    main()
