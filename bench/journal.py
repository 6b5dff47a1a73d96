"""What an append costs: microseconds of CPU (whole process, both threads) and of wall time per committed batch.

Each run waits for its batch before it appends the next one, as fast as it can (``burst``), or sends one every 20 ms
(``paced``, 50 tokens a second). Prints one JSON object per line.

    python bench/journal.py [--seconds 3] [--runs 1 32 500] [--turn-distance-ms 0]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sqlite3
import tempfile
import time
from pathlib import Path

import uvloop

from penstock.core.errors import StoreError
from penstock.core.events import RunStarted, TextDelta
from penstock.core.log import Batch, make_batch
from penstock.core.messages import Run
from penstock.core.storage import Beginning
from penstock.stores.sqlite import SqliteStore


class SystemClock:
    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class Load:
    """One run that appends until the deadline."""

    def __init__(self, store: SqliteStore, run_id: str, *, deadline: float, pace_s: float) -> None:
        self.store, self.run_id, self.deadline, self.pace_s = store, run_id, deadline, pace_s
        self.loop = asyncio.get_running_loop()
        self.done = self.loop.create_future()
        self.seq, self.sent, self.delays = 1, 0.0, list[float]()
        self.template = make_batch(1, [TextDelta(part_id="text-0", text=" token")])

    def send(self) -> None:
        self.sent = time.perf_counter()
        self.store.append(self.run_id, Batch(self.seq, self.template.events, self.template.frames), self.committed)
        self.seq += 1

    def committed(self, error: StoreError | None) -> None:
        if error is not None:
            self.done.set_exception(error)
            return
        now = time.perf_counter()
        self.delays.append(now - self.sent)
        if now >= self.deadline:
            self.done.set_result(None)
        elif self.pace_s:
            self.loop.call_at(self.loop.time() + max(0.0, self.sent + self.pace_s - now), self.send)
        else:
            self.send()


async def begin(store: SqliteStore, run_id: str) -> None:
    first = make_batch(0, [RunStarted(run_id=run_id, message_id=run_id, model="m", provider="p")])
    run = Run(id=run_id, owner="bench", message_id=run_id, model="m", status="running", created_at=0.0)
    await store.begin(Beginning(run=run, first_batch=first))


async def measure(
    folder: Path, runs: int, *, seconds: float, pace_s: float, turn_distance_s: float
) -> dict[str, object]:
    store = await SqliteStore.open(folder / "bench.db", clock=SystemClock(), turn_distance_s=turn_distance_s)
    begun = time.perf_counter()
    await asyncio.gather(*(begin(store, f"run_{number:012d}") for number in range(runs)))
    begin_us = (time.perf_counter() - begun) / runs * 1e6
    loop = asyncio.get_running_loop()
    started, cpu = time.perf_counter(), time.process_time()
    loads = [Load(store, f"run_{number:012d}", deadline=started + seconds, pace_s=pace_s) for number in range(runs)]
    for number, load in enumerate(loads):
        loop.call_later(pace_s * number / runs, load.send)
    await asyncio.gather(*(load.done for load in loads))
    wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    rows = await asyncio.to_thread(count_rows, folder / "bench.db")
    wal_bytes = (folder / "bench.db-wal").stat().st_size
    await store.close()
    delays = sorted(delay for load in loads for delay in load.delays)
    return {
        "load": "paced" if pace_s else "burst",
        "runs": runs,
        "turn_distance_ms": turn_distance_s * 1000,
        "batches": len(delays),
        "batches_per_group": round(len(delays) / rows, 1),
        "cpu_us_per_batch": round(cpu / len(delays) * 1e6, 2),
        "wall_us_per_batch": round(wall / len(delays) * 1e6, 2),
        "commit_ms_p50": round(delays[len(delays) // 2] * 1e3, 3),
        "commit_ms_p99": round(delays[len(delays) * 99 // 100] * 1e3, 3),
        "begin_wall_us": round(begin_us, 1),
        "wal_mb": round(wal_bytes / 1e6, 1),
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def count_rows(path: Path) -> int:

    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("SELECT count(*) FROM journal").fetchone()[0])
    finally:
        connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--runs", type=int, nargs="+", default=[1, 32, 500])
    parser.add_argument("--turn-distance-ms", type=float, default=0.0)
    parser.add_argument("--folder", help="where the database is made; the system's folder for temporary files")
    options = parser.parse_args()
    for pace_s in (0.0, 0.02):
        for runs in options.runs:
            with tempfile.TemporaryDirectory(dir=options.folder) as folder:
                figures = uvloop.run(
                    measure(
                        Path(folder),
                        runs,
                        seconds=options.seconds,
                        pace_s=pace_s,
                        turn_distance_s=options.turn_distance_ms / 1000,
                    )
                )
            print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
