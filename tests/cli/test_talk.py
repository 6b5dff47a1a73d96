"""A dialogue with a running server."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.command import Run


@pytest.fixture
def url(command: list[str], environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """Serve on the database that the command uses too; gives the address."""
    process = subprocess.Popen(
        [*command, "serve", "--port", "0"], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield process.stdout.readline().split()[-1]
    process.terminate()
    process.wait(10)
    process.stdout.close()


def test_chat_at_a_server_gives_the_same_answer(run: Run, url: str):
    result = run("chat", "count 3", "--url", url)
    assert (result.returncode, result.stdout) == (0, "⟨1⟩⟨2⟩⟨3⟩\n"), result.stderr


def test_chat_beside_a_server_says_how_to_ask_it(run: Run, url: str):
    """An SQLite database has one process; which address the server was given is known from the settings alone."""
    port = url.rpartition(":")[2]
    refused = run("chat", "count 3", PENSTOCK_PORT=port)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"penstock chat --url {url} " in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_server_that_is_not_there_is_one_sentence(run: Run):
    result = run("chat", "hi", "--url", "http://127.0.0.1:1")
    assert result.returncode == 1
    assert "penstock serve" in result.stderr
    assert "Traceback" not in result.stderr
