"""A dialogue with a running server."""

from __future__ import annotations

import subprocess
from pathlib import Path

from support.command import Run


def test_chat_at_a_server_gives_the_same_answer(
    run: Run, command: list[str], environment: dict[str, str], tmp_path: Path
):
    process = subprocess.Popen(
        [*command, "serve", "--port", "0"], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    url = process.stdout.readline().split()[-1]
    result = run("chat", "count 3", "--url", url)
    process.terminate()
    process.wait(10)
    process.stdout.close()
    assert (result.returncode, result.stdout) == (0, "⟨1⟩⟨2⟩⟨3⟩\n"), result.stderr


def test_a_server_that_is_not_there_is_one_sentence(run: Run):
    result = run("chat", "hi", "--url", "http://127.0.0.1:1")
    assert result.returncode == 1
    assert "penstock serve" in result.stderr
    assert "Traceback" not in result.stderr
