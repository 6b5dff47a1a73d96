"""The built page on a real server on the bundled emulator, for tools that look at it in a browser."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Iterable
from pathlib import Path

START_S = 30


def free_port() -> int:
    """Give a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str) -> None:
    """Wait until something answers there."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - our own program
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    message = "The server did not start."
    raise TimeoutError(message)


@contextlib.contextmanager
def running(*arguments: str, ready: str, environment: dict[str, str]) -> Generator[str]:
    """Run a ``penstock`` command on a free port; gives its address."""
    port = free_port()
    command = [sys.executable, "-m", "penstock.cli.main", *arguments, "--port", str(port)]
    program = subprocess.Popen(command, env={**os.environ, **environment})  # noqa: S603 - our own program
    try:
        wait_for(f"http://127.0.0.1:{port}{ready}")
        yield f"http://127.0.0.1:{port}"
    finally:
        program.terminate()
        program.wait(10)


def config(service: str, models: Iterable[str]) -> str:
    """Name deployments of the emulator as models."""
    return "".join(
        f'[[models]]\nid = "{name}"\nprovider = "azure_openai"\ndeployment = "{name}"\n'
        f'endpoint = "{service}"\napi_key = "nobody"\n'
        for name in models
    )


@contextlib.contextmanager
def served_page(models: Iterable[str]) -> Generator[str]:
    """Serve the page with these deployments of the emulator as models, on new data; gives its address."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        emulator = running("emulator", "--profile", "async-filter", ready="/emulator/stats", environment={})
        settings = folder / "penstock.toml"
        settings.write_text(config(stack.enter_context(emulator), models))
        environment = {"PENSTOCK_CONFIG": str(settings), "PENSTOCK_DATA_DIR": str(folder / "data")}
        yield stack.enter_context(running("serve", ready="/readyz", environment=environment))
