"""``penstock emulator``."""

from __future__ import annotations

import signal
import socket
import subprocess
from pathlib import Path

from support.command import Run


def test_it_says_where_it_is_and_ends_on_a_signal(command: list[str], environment: dict[str, str], tmp_path: Path):
    arguments = [*command, "emulator", "--port", "0"]
    with subprocess.Popen(arguments, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "http://127.0.0.1:" in process.stdout.readline()
        assert "AZURE_OPENAI_ENDPOINT" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_port_in_use_and_an_unknown_profile_are_one_sentence(run: Run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run("emulator", "--port", str(taken.getsockname()[1]))
    assert (result.returncode, len(result.stderr.strip().splitlines())) == (1, 1)
    result = run("emulator", "--port", "0", "--profile", "warp")
    assert (result.returncode, len(result.stderr.strip().splitlines())) == (2, 1)
