"""A Redis of our own, which may be killed, flushed and started again; and a database on the one that answers here."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.programs import WORKER, free_port

LOCAL = f"redis://127.0.0.1:6379/{9 + WORKER % 7}"
"""Test processes that run beside each other have a database each."""


class PrivateRedis:
    """A server on a free port of this machine; nothing that it keeps survives it."""

    def __init__(self, folder: Path) -> None:
        binary = shutil.which("redis-server")
        if binary is None:
            pytest.skip("redis-server is not installed, and PyPI has none")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._command = [binary, "--port", str(self.port), "--save", "", "--appendonly", "no", "--dir", str(folder)]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while self.ask("PING") != b"+PONG":
            assert self.process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def ask(self, command: str) -> bytes:
        """Send one command; gives the first line of the answer, nothing when there is none."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(f"{command}\r\n".encode())
                return connection.recv(4096).partition(b"\r\n")[0]
        except OSError:
            return b""

    def kill(self) -> None:
        """Send SIGKILL, and wait for the end."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(10)


@contextmanager
def private_redis() -> Iterator[PrivateRedis]:
    """Start a Redis of our own."""
    with tempfile.TemporaryDirectory(prefix="penstock-redis-") as folder:
        server = PrivateRedis(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.kill()


@contextmanager
def redis_url_for_tests() -> Iterator[str]:
    """Give the URL of a Redis: the one that answers on this machine, else one of our own."""
    given = os.environ.get("PENSTOCK_TEST_REDIS", LOCAL)
    try:
        socket.create_connection(("127.0.0.1", 6379), timeout=2).close()
    except OSError:
        with private_redis() as server:
            yield server.url
    else:
        yield given
