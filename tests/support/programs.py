"""Real ``penstock`` processes for tests that look from outside."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp

START_S = 30.0
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
"""Which of the test processes that run beside each other this is."""
PORTS = range(15_000, 32_000)[WORKER % 8 :: 8]
"""Below what the systems that we know choose ports for outgoing connections from, above what services are known by.

Each test process has ports of its own: one that a program of another is about to take is free only to look at.
"""


def free_port() -> int:
    """Give a port that is free now, and that the system gives to no outgoing connection while nobody listens there."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Program:
    """One ``penstock`` process on a port of its own; `start` again after `kill` restarts it with the same data."""

    def __init__(self, *arguments: str, log: Path, environment: dict[str, str] | None = None) -> None:
        """Keep the command line; nothing is started yet."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.arguments = [sys.executable, "-m", "penstock.cli.main", *arguments, "--port", str(self.port)]
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("AZURE_", "OPENAI_"))}
        self.environment = {**clean, **(environment or {})}
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self.process is not None
        return self.process.pid

    async def start(self, *, ready: str = "/readyz") -> float:
        """Start it and wait until it is ready; gives the seconds that took."""
        started = time.monotonic()
        self._launch()
        async with aiohttp.ClientSession() as session:
            while not await self._answers(session, ready):
                assert time.monotonic() - started < START_S, self.log.read_text()
                await asyncio.sleep(0.02)
        return time.monotonic() - started

    def _launch(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.arguments, stdout=log, stderr=log, env=self.environment, cwd=self.log.parent
            )

    async def _answers(self, session: aiohttp.ClientSession, ready: str) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        try:
            async with session.get(self.url + ready) as response:
                return response.status < 500
        except aiohttp.ClientError:
            return False

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """Send SIGKILL, and wait for the end."""
        self.signal(signal.SIGKILL)
        self.wait()

    def signal(self, number: int) -> None:
        """Send a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self, timeout_s: float = 15.0) -> int:
        """Wait for the end; gives the exit code."""
        assert self.process is not None
        return self.process.wait(timeout_s)

    def close(self) -> None:
        """End it if it runs."""
        if self.process is not None and self.is_running:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()


def emulator(folder: Path, profile: str) -> Program:
    """Give the emulator as a process of its own."""
    return Program("emulator", "--profile", profile, log=folder / "emulator.log")


@contextmanager
def serving(folder: Path, *models: str) -> Iterator[Program]:
    """Run an emulator and a server with these models of it, as `server` takes them."""
    service = emulator(folder, "fast")
    started = server(folder, service, *models)
    try:
        asyncio.run(service.start(ready="/emulator/stats"))
        asyncio.run(started.start())
        yield started
    finally:
        started.close()
        service.close()


def server(folder: Path, service: Program, *models: str, endpoint: str = "", **settings: str) -> Program:
    """Give a server with models ``NAME`` or ``NAME=DEPLOYMENT`` of that emulator, with its data in ``folder``.

    ``endpoint`` is where the emulator is reached instead, such as a proxy before it.
    """
    entries = "\n".join(
        f'[[models]]\nid = "{name.partition(";")[0]}"\nprovider = "azure_openai"\ndeployment = "{deployment or name}"\n'
        f'endpoint = "{endpoint or service.url}"\napi_key = "test"\n'
        for name, _, deployment in (model.partition("=") for model in models)
    )
    config = folder / "penstock.toml"
    config.write_text(entries)
    environment = {"PENSTOCK_CONFIG": str(config), "PENSTOCK_DATA_DIR": str(folder / "data"), **settings}
    return Program("serve", log=folder / "server.log", environment=environment)
