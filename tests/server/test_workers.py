"""Worker processes are made, made again, and ended together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAM = """
    import os, signal, sys, time
    from pathlib import Path
    from penstock.server.workers import Supervisor

    folder, failing = Path(sys.argv[1]), sys.argv[2:] == ["failing"]

    def work(is_first, say_ready):
        if failing:
            return 3
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        say_ready()
        (folder / f"{is_first}-{os.getpid()}").touch()
        while True:
            time.sleep(60)

    sys.exit(Supervisor(2, work).run())
"""


class Parent:
    """A supervisor with two workers, each of which leaves a file that names it."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        program = textwrap.dedent(PROGRAM)
        self.process = subprocess.Popen([sys.executable, "-c", program, str(folder), *arguments])

    def pids(self) -> set[int]:
        return {int(path.name.split("-")[1]) for path in self.folder.iterdir()}

    def wait_for(self, count: int) -> set[int]:
        deadline = time.monotonic() + 30
        while len(self.pids()) < count:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return self.pids()


def is_gone(pid: int) -> bool:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            # A child that nobody waited for is gone as well.
            if Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[Parent]:
    made = Parent(tmp_path)
    yield made
    if made.process.poll() is None:
        made.process.kill()
        made.process.wait(10)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_parent_ends_all_in_order(parent: Parent, number: int):
    pids = parent.wait_for(2)
    parent.process.send_signal(number)
    assert parent.process.wait(30) == 0
    assert all(is_gone(pid) for pid in pids)


def test_a_worker_that_dies_is_replaced(parent: Parent):
    victim = min(parent.wait_for(2))
    os.kill(victim, signal.SIGKILL)
    pids = parent.wait_for(3)
    assert sorted(path.name.split("-")[0] for path in parent.folder.iterdir()) == ["False", "False", "True"]
    parent.process.terminate()
    assert parent.process.wait(30) == 0
    assert all(is_gone(pid) for pid in pids)


def test_workers_leave_when_the_parent_is_killed(parent: Parent):
    pids = parent.wait_for(2)
    parent.process.kill()
    parent.process.wait(30)
    assert all(is_gone(pid) for pid in pids)


def test_a_worker_that_can_not_begin_ends_all_with_its_code(tmp_path: Path):
    assert Parent(tmp_path, "failing").process.wait(30) == 3
