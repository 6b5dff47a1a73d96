"""Several worker processes on one listening socket, and the parent that looks after them.

The parent serves nothing: it makes workers, makes those again that die, and ends them all when it is told to end. A
worker notices by itself when the parent is gone.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Final

_PAUSE_S: Final = 0.5
"""Between the death of a worker and the making of the next, so that one that dies at once does not spin."""
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

_log = logging.getLogger("penstock.server")

Work = Callable[[bool, Callable[[], None]], int]
"""What a worker does: it hears whether it is the very first, gets a function to call once it serves, and gives its exit
code."""


class Supervisor:
    """The parent."""

    def __init__(self, count: int, work: Work) -> None:
        """Prepare so many workers; nothing is forked before `run`, and no thread or event loop may run by then."""
        self._count = count
        self._work = work
        self._workers: dict[int, int] = {}
        self._served: set[int] = set()
        self._is_ending = False
        self._exit_code = 0
        self._ready_read, self._ready_write = os.pipe()
        self._lifeline_read, self._lifeline_write = os.pipe()
        os.set_blocking(self._ready_read, False)

    def __repr__(self) -> str:
        """Show the workers' process ids."""
        return f"Supervisor({sorted(self._workers)}, is_ending={self._is_ending})"

    def run(self) -> int:
        """Look after the workers until all have ended; gives the exit code."""
        for number in _SIGNALS:
            signal.signal(number, self._end)
        for number in range(self._count):
            self._make(number)
        while self._workers:
            pid, status = os.waitpid(-1, 0)
            number = self._workers.pop(pid, None)
            if number is not None:
                self._bury(number, pid, os.waitstatus_to_exitcode(status))
        return self._exit_code

    def _end(self, _signal: int, _frame: FrameType | None) -> None:
        """Tell every worker to drain; told again, it leaves at once."""
        self._is_ending = True
        self._tell(signal.SIGTERM)

    def _tell(self, number: int) -> None:
        for pid in tuple(self._workers):
            os.kill(pid, number)

    def _bury(self, number: int, pid: int, code: int) -> None:
        if self._is_ending:
            self._exit_code = self._exit_code or abs(code)
            return
        if not self._has_served(number):
            # It could not even begin: neither could the next one.
            self._is_ending = True
            self._exit_code = abs(code) or 1
            self._tell(signal.SIGTERM)
            return
        _log.warning("Worker %d (process %d) ended with code %d; another takes its place.", number, pid, code)
        time.sleep(_PAUSE_S)
        if not self._is_ending:
            self._make(number)

    def _has_served(self, number: int) -> bool:
        with contextlib.suppress(BlockingIOError):
            self._served.update(os.read(self._ready_read, 4096))
        return number in self._served

    def _make(self, number: int) -> None:
        pid = os.fork()
        if pid:
            self._workers[pid] = number
            return
        code = 1
        try:
            code = self._be_worker(number)
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 1
        finally:
            os._exit(code)

    def _be_worker(self, number: int) -> int:
        os.close(self._lifeline_write)
        # Its own group: a Ctrl-C in the terminal is for the parent, which tells the workers.
        os.setpgrp()
        for name in _SIGNALS:
            signal.signal(name, signal.SIG_DFL)
        threading.Thread(target=self._leave_with_parent, name="lifeline", daemon=True).start()
        is_first = number == 0 and not self._served
        return self._work(is_first, lambda: self._say_ready(number))

    def _say_ready(self, number: int) -> None:
        os.write(self._ready_write, bytes((number,)))

    def _leave_with_parent(self) -> None:
        os.read(self._lifeline_read, 1)  # nothing is ever written: it ends when the parent has
        os.kill(os.getpid(), signal.SIGTERM)
