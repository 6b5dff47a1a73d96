"""``penstock serve``: what goes wrong at the start is one sentence."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import time
from pathlib import Path

from support.command import Run


def fails(result: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert result.returncode == code, result
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    assert all(word in result.stderr for word in words), result.stderr


def test_a_port_in_use_is_one_sentence(run: Run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        fails(run("serve", "--port", str(port)), 1, str(port), "in use", "--port")


def test_a_wrong_setting_is_one_sentence(run: Run):
    fails(run("serve", PENSTOCK_HEARTBEAT_S="99"), 2, "PENSTOCK_HEARTBEAT_S")


def test_a_settings_file_that_is_not_there_is_one_sentence(run: Run):
    fails(run("serve", "--config", "none.toml"), 2, "none.toml")


def test_half_an_azure_is_one_sentence(run: Run):
    fails(run("serve", "--port", "0", AZURE_OPENAI_ENDPOINT="https://x.example"), 2, "AZURE_OPENAI_DEPLOYMENT")


def test_several_workers_on_sqlite_are_refused_with_the_reason(run: Run):
    fails(run("serve", "--workers", "2", "--port", "0"), 2, "PostgreSQL", "PENSTOCK_DATABASE_URL")


def test_everybody_is_not_let_in_by_accident(run: Run):
    fails(run("serve", "--host", "0.0.0.0", "--port", "0"), 2, "--insecure")


def test_a_newer_database_is_one_sentence(run: Run, tmp_path: Path):
    assert run("db", "upgrade").returncode == 0
    database = sqlite3.connect(tmp_path / "data" / "penstock.db")
    database.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
    database.commit()
    database.close()
    fails(run("serve", "--port", "0"), 1, "newer")


def test_a_database_in_use_is_one_sentence(run: Run, command: list[str], environment: dict[str, str], tmp_path: Path):
    arguments = [*command, "serve", "--port", "0"]
    with subprocess.Popen(arguments, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert "http://127.0.0.1:" in first.stdout.readline()
        fails(run("serve", "--port", "0"), 1, "in use")
        first.terminate()


def test_it_says_where_it_is_and_that_the_emulator_answers(
    command: list[str], environment: dict[str, str], tmp_path: Path
):
    begun = time.monotonic()
    arguments = [*command, "serve", "--port", "0"]
    with subprocess.Popen(arguments, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        print(f"ready after {time.monotonic() - begun:.2f} s")
        process.terminate()
        rest = process.stdout.read()
        assert process.wait(10) == 0
    assert "Penstock is ready: http://127.0.0.1:" in first
    assert "emulator" in rest
    assert "AZURE_OPENAI_ENDPOINT" in rest
