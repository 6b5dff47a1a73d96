"""``penstock doctor``."""

from __future__ import annotations

from pathlib import Path

from support.command import Run


def test_a_healthy_installation_passes(run: Run):
    result = run("doctor")
    assert result.returncode == 0
    assert "ok    Database" in result.stdout


def test_what_to_fix_is_named_and_the_exit_code_says_so(run: Run, tmp_path: Path):
    (tmp_path / "penstock.toml").write_text(
        '[[models]]\nid = "a"\nprovider = "azure_openai"\nendpoint = "http://127.0.0.1:1"\napi_key = "k"\n'
    )
    result = run("doctor", PENSTOCK_CONNECT_TIMEOUT_S="1")
    assert result.returncode == 1
    assert "FIX   Model a" in result.stdout


def test_a_wrong_setting_is_named(run: Run):
    result = run("doctor", PENSTOCK_PORT="x")
    assert result.returncode == 2
    assert "PENSTOCK_PORT" in result.stdout
