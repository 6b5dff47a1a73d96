"""The page's wire types are generated from the structs, and the check knows when they are not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "generate_wire_types.py"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, TOOL, *arguments], capture_output=True, text=True, check=False)


def test_the_wire_types_of_the_page_are_fresh():
    result = run("--check")
    assert result.returncode == 0, result.stderr


def test_a_stale_file_fails_the_check_and_names_the_command(tmp_path: Path):
    target = tmp_path / "events.ts"
    target.write_text("export type RunEvent = never;\n", encoding="utf-8")
    result = run("--check", "--target", target)
    assert result.returncode == 1
    assert "python tools/generate_wire_types.py" in result.stderr


def test_a_missing_file_fails_the_check(tmp_path: Path):
    assert run("--check", "--target", tmp_path / "events.ts").returncode == 1


def test_what_was_written_passes_the_check(tmp_path: Path):
    target = tmp_path / "wire" / "events.ts"
    assert run("--target", target).returncode == 0
    assert run("--check", "--target", target).returncode == 0


def test_defaults_that_the_wire_omits_are_optional_and_never_null(tmp_path: Path):
    target = tmp_path / "events.ts"
    run("--target", target)
    text = target.read_text(encoding="utf-8")
    assert "readonly text: string;" in text
    assert "readonly signature?: string;" in text
    assert 'readonly kind?: ReasoningKind; // default "text"' in text
    assert "readonly next_cursor: string | null;" in text
    assert "?: null" not in text
