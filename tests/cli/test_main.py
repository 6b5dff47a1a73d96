"""The command as a whole."""

from __future__ import annotations

import subprocess
import sys

import pytest

from penstock import __version__
from support.command import Run


def test_help_lists_every_command(run: Run):
    text = run("--help").stdout
    assert all(name in text for name in ("serve", "chat", "emulator", "models", "doctor", "db"))


def test_the_version_is_printed(run: Run):
    assert run("--version").stdout.strip() == __version__


@pytest.mark.parametrize("name", ["serve", "chat", "emulator", "models", "doctor", "db"])
def test_each_command_explains_itself(run: Run, name: str):
    result = run(name, "--help")
    assert result.returncode == 0
    assert "Usage" in result.stdout


def test_help_loads_no_server():
    """What makes the command feel quick: the heavy parts load with the command that needs them."""
    program = (
        "import sys, penstock.cli.main; print({'fastapi', 'aiohttp', 'sqlalchemy', 'pydantic'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"


def test_an_unknown_command_is_a_usage_error(run: Run):
    assert run("brew").returncode == 2
