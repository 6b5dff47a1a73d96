"""Nothing that was reported as committed is lost when the process is killed."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import sys
from collections import defaultdict
from contextlib import closing
from pathlib import Path

from penstock.core.log import Batch
from penstock.stores.sqlite import SqliteStore
from support.store_samples import TickingClock, make_delta

TESTS = Path(__file__).parents[1]


async def run_until_killed(path: Path, first: int, lines: int) -> list[list[str]]:
    """Let the appender write, kill it once it has reported so many lines, and give all that it reported."""
    appender = await asyncio.create_subprocess_exec(
        sys.executable,
        str(TESTS / "stores" / "appender.py"),
        str(path),
        str(first),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
    )
    assert appender.stdout is not None
    reported = [(await appender.stdout.readline()).decode().split() for _ in range(lines)]
    appender.kill()
    rest = (await appender.stdout.read()).decode().splitlines()
    assert await appender.wait() == -9
    return reported + [line.split() for line in rest]


class Reports:
    """All that killed processes reported."""

    def __init__(self) -> None:
        self.begun: set[str] = set()
        self.kept: defaultdict[str, int] = defaultdict(int)
        self.ended: set[str] = set()

    def note(self, words: list[str]) -> None:
        match words:
            case ["begun", run_id]:
                self.begun.add(run_id)
            case ["kept", run_id, seq]:
                self.kept[run_id] = int(seq)
            case ["ended", run_id]:
                self.ended.add(run_id)

    def check_log(self, run_id: str, log: list[Batch]) -> None:
        assert [batch.first_seq for batch in log] == list(range(len(log)))
        assert len(log) > self.kept[run_id] + (run_id in self.ended)
        number = run_id.removeprefix("run_")
        for batch in log[1 : self.kept[run_id] + 1]:
            assert batch == make_delta(batch.first_seq, f"<{number}:{batch.first_seq}>")


async def check_store(path: Path, reports: Reports) -> None:
    store = await SqliteStore.open(path, clock=TickingClock())
    for run_id in reports.begun:
        run = await store.get_run("ann", run_id)
        assert run.is_live or run.status == "finished"
        assert len(await store.list_messages("ann", run_id.replace("run", "conv"))) == 1
    assert not reports.ended.intersection(run.id for run in await store.list_orphans("inst_1"))
    logs = await asyncio.gather(*map(store.read, reports.begun))
    await store.close()
    for run_id, log in zip(reports.begun, logs, strict=True):
        reports.check_log(run_id, log)


async def test_what_was_reported_survives_kill_9(tmp_path: Path, choices: random.Random, is_long: bool):
    path = tmp_path / "penstock.db"
    reports = Reports()
    for cycle in range(200 if is_long else 8):
        for words in await run_until_killed(path, (cycle + 1) * 10_000, choices.randint(1, 2000)):
            reports.note(words)
        await check_store(path, reports)
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert len(reports.begun) > 8
    assert sum(reports.kept.values()) > 100
