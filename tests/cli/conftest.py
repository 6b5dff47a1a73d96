"""Real runs of the command, in a folder and an environment of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from penstock.emulator.server import Emulator, start_emulator
from support.command import Run


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Give an environment without settings."""
    prefixes = ("AZURE_", "OPENAI_", "PENSTOCK_", "DEEPSEEK_", "OLLAMA_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}
    return {**clean, "PENSTOCK_DATA_DIR": str(tmp_path / "data"), "PENSTOCK_EMULATOR_PROFILE": "fast", "COLUMNS": "100"}


@pytest.fixture
def command() -> list[str]:
    """Give the command."""
    return [sys.executable, "-m", "penstock.cli.main"]


@pytest.fixture
def run(tmp_path: Path, environment: dict[str, str], command: list[str]) -> Run:
    """Run the command and give what it printed."""

    def run_command(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *arguments],
            cwd=tmp_path,
            env={**environment, **settings},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            input="",
        )

    return run_command


@pytest.fixture
async def service() -> AsyncIterator[Emulator]:
    """Run the emulator in this process."""
    emulator = await start_emulator(profile="fast")
    yield emulator
    await emulator.close()
