"""The page's wire types are generated from the structs, and the check knows when they are not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "generate_wire_types.py"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, TOOL, *arguments], capture_output=True, text=True, check=False)


def test_the_wire_types_of_the_page_are_fresh():
    result = run("--check")
    assert result.returncode == 0, result.stderr


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Give a folder with fresh files."""
    target = tmp_path / "wire" / "types"
    assert run("--target", target).returncode == 0
    return target


def test_what_was_written_passes_the_check(written: Path):
    assert run("--check", "--target", written).returncode == 0


def test_a_stale_file_fails_the_check_and_names_the_command(written: Path):
    (written / "events.ts").write_text("export type RunEvent = never;\n", encoding="utf-8")
    result = run("--check", "--target", written)
    assert result.returncode == 1
    assert "events.ts" in result.stderr
    assert "messages.ts" not in result.stderr
    assert "python tools/generate_wire_types.py" in result.stderr


def test_a_missing_file_fails_the_check(written: Path):
    (written / "messages.ts").unlink()
    result = run("--check", "--target", written)
    assert result.returncode == 1
    assert "messages.ts" in result.stderr


def test_a_file_left_over_fails_the_check_until_it_is_written_again(written: Path):
    (written / "former.ts").write_text((written / "events.ts").read_text(encoding="utf-8"), encoding="utf-8")
    assert run("--check", "--target", written).returncode == 1
    run("--target", written)
    assert run("--check", "--target", written).returncode == 0


def test_writing_takes_no_file_away_that_it_did_not_write(written: Path):
    foreign = written / "by-hand.ts"
    foreign.write_text("export const ANSWER = 42;\n", encoding="utf-8")
    run("--target", written)
    assert foreign.exists()
    assert run("--check", "--target", written).returncode == 1


def test_a_type_is_defined_once_and_what_a_file_uses_of_another_it_imports(written: Path):
    texts = {path.stem: path.read_text(encoding="utf-8") for path in written.iterdir()}
    homes = [
        (name, stem)
        for stem, text in texts.items()
        for name in re.findall(r"^export (?:type|interface) (\w+)", text, re.MULTILINE)
    ]
    assert len(homes) == len(dict(homes))
    assert dict(homes) | {"RunFailed": "terminals", "Timings": "values", "Part": "messages"} == dict(homes)
    assert 'import type { RunFailed, RunFinished, RunInterrupted, RunStopped } from "./terminals";' in texts["events"]


def test_defaults_that_the_wire_omits_are_optional_and_never_null(written: Path):
    text = "".join(path.read_text(encoding="utf-8") for path in written.iterdir())
    assert "readonly text: string;" in text
    assert "readonly signature?: string;" in text
    assert 'readonly kind?: ReasoningKind; // default "text"' in text
    assert "readonly next_cursor: string | null;" in text
    assert "?: null" not in text
