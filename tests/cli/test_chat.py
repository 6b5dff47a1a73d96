"""``penstock chat``: piped, stopped, and at a server."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

from support.command import Run

ANSWER = "⟨1⟩⟨2⟩⟨3⟩\n"


def test_piped_output_is_the_answer_and_nothing_else(run: Run):
    result = run("chat", "count 3")
    assert (result.returncode, result.stdout) == (0, ANSWER)
    assert "emulator" in result.stderr


def test_the_prompt_can_come_by_a_pipe(command: list[str], environment: dict[str, str], tmp_path: Path):
    result = subprocess.run(
        [*command, "chat"], input="count 3", cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert result.stdout == ANSWER


def test_nothing_to_ask_is_a_usage_error(run: Run):
    assert run("chat").returncode == 2


def test_an_unknown_model_is_one_sentence(run: Run):
    result = run("chat", "hi", "--model", "nobody")
    assert result.returncode == 1
    assert "nobody" in result.stderr
    assert "Traceback" not in result.stderr


def test_ctrl_c_stops_the_run_and_shows_the_receipt(command: list[str], environment: dict[str, str], tmp_path: Path):
    process = subprocess.Popen(
        [*command, "chat", "count 100000", "--model", "gpt-5.4-mini"],
        cwd=tmp_path,
        env={**environment, "PENSTOCK_EMULATOR_PROFILE": "fast;token_ms=20"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.read(30).decode(errors="ignore").startswith("⟨1⟩")
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=10)
    print(f"ended {time.monotonic() - begun:.2f} s after Ctrl-C")
    assert process.returncode == 130
    assert b"Stopped: connection to the model closed" in errors
    assert b"tokens" in errors


def test_a_failed_answer_says_why(tmp_path: Path, run: Run):
    config = tmp_path / "wrong.toml"
    config.write_text(
        '[[models]]\nid = "a"\nprovider = "azure_openai"\nendpoint = "http://127.0.0.1:1"\napi_key = "k"\n'
    )
    result = run("chat", "hi", "--config", str(config), PENSTOCK_CONNECT_TIMEOUT_S="1")
    assert result.returncode == 1
    assert "The answer failed" in result.stderr
