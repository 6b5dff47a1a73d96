"""The rules of the house that no linter keeps. Each failure says what to do."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import penstock

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "penstock"
TESTS = ROOT / "tests"

MAX_PYTHON_LINES = 400
MAX_FUNCTION_LINES = 50
MAX_TYPESCRIPT_LINES = 300
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
HEAVY = {"aiohttp", "alembic", "azure", "fastapi", "genai_prices", "pydantic", "rich", "sqlalchemy", "typer", "uvicorn"}

REQUEST_CASES = "wire/test_request_body.py: every case of spec/wire/requests goes through it"
RESPONSES = "emulator/test_response_service.py: as OpenAI's own library reads it"
TESTED_ELSEWHERE: dict[str, str] = {
    "buses/peers.py": "each method is one of the port: the contract suite in tests/contracts runs it over each",
    "core/offers.py": "fields alone: the contract suite of the buses in tests/contracts is what goes through them",
    "emulator/background.py": RESPONSES,
    "emulator/response_calls.py": RESPONSES,
    "emulator/response_chunks.py": RESPONSES,
    "runs/ports.py": "fields alone; every test of the room goes through them",
    "stores/attachments.py": "each function is one method of the port: the contract suite in tests/contracts runs it",
    "stores/conversations.py": "each function is one method of the port: the contract suite in tests/contracts runs it",
    "stores/expiry.py": "each function is one method of the port: the contract suite in tests/contracts runs it",
    "stores/messages.py": "each function is one method of the port: the contract suite in tests/contracts runs it",
    "stores/runs.py": "each function is one method of the port: the contract suite in tests/contracts runs it",
    "stores/sql_store.py": "each method is one of the port: the contract suite in tests/contracts runs it",
    "stores/tables.py": "tests/stores/test_migration.py holds it to the migrated schema",
    "wire/chat_body.py": REQUEST_CASES,
    "wire/data_body.py": REQUEST_CASES,
    "wire/json_text.py": "wire/test_whole_json.py: the text inside the document",
    "wire/lines.py": "wire/test_ndjson.py, wire/test_choices.py: the lines of the dialects that have them",
    "wire/request_options.py": REQUEST_CASES,
    "wire/responses_body.py": REQUEST_CASES,
    "wire/responses_items.py": "wire/test_responses_writer.py: the items of what is written",
    "wire/sdk_metadata.py": "wire/test_data_stream.py, wire/test_ui_message_stream.py: the metadata of the SDK's wires",
    "wire/sse_frame.py": "wire/test_sse.py, wire/test_events.py: the frames of the SSE dialects",
    "wire/ui_body.py": REQUEST_CASES,
    "wire/ui_chunks.py": "wire/test_ui_message_stream.py: what a page understands of the chunks",
    "wire/whole_document.py": "wire/test_whole_json.py, wire/test_ndjson.py: the documents that hold it",
}
"""Source file -> why it has no test file of its own name."""

MACHINE_PATHS = re.compile(r"(?<![\w./-])/(?:work|tmp|home|root|Users)/")
SILENCED = re.compile(r"#\s*type:\s*ignore")
BARE_IGNORE = re.compile(r"#\s*(?:noqa(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?|pyright:\s*ignore(?:\[[\w, ]+\])?)\s*$")
SILENCED_LIMITS = re.compile(r"#\s*noqa:.*\b(?:C901|PLR09\d\d|PLR1702|E501)\b")


@cache
def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def tracked(*patterns: str) -> list[Path]:
    """Give the project's files, those not yet committed too; what git ignores is not the project's."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        paths = {ROOT / line for line in listed.stdout.splitlines()}
    else:  # an unpacked archive has no git
        paths = {path for pattern in patterns for path in ROOT.rglob(pattern)}
    return sorted(path for path in paths if path.is_file())


def python_sources() -> list[Path]:
    return [path for path in sorted(SOURCE.rglob("*.py")) if "_static" not in path.parts]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(read(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


# --- sizes and names --------------------------------------------------------------------------------------------------


def test_no_python_file_is_longer_than_400_lines():
    paths = tracked("src/*.py", "tests/*.py", "tools/*.py", "bench/*.py")
    long = {name_of(path): size for path in paths if (size := len(read(path).splitlines())) > MAX_PYTHON_LINES}
    assert not long, f"Too long: a table, an event or a module is missing: {long}"


def test_no_function_is_longer_than_50_lines():
    long = {
        f"{name_of(path)}:{node.lineno} {node.name}": lines
        for path in python_sources()
        for node in functions(path)
        if node.end_lineno and (lines := node.end_lineno - node.lineno + 1) > MAX_FUNCTION_LINES
    }
    assert not long, f"Too long: give its parts names: {long}"


def test_no_typescript_file_is_longer_than_300_lines():
    paths = tracked("web/src/*.ts", "web/src/*.tsx")
    long = {name_of(path): size for path in paths if (size := len(read(path).splitlines())) > MAX_TYPESCRIPT_LINES}
    assert not long, f"Too long: split by concept: {long}"


def test_no_module_has_a_name_that_says_nothing():
    paths = tracked("src/*.py", "tests/*.py", "tools/*.py", "bench/*.py", "web/src/*.ts", "web/src/*.tsx")
    bad = [
        name_of(path)
        for path in paths
        if BANNED_NAMES & {*path.stem.split("_"), *path.stem.split("-"), path.parent.name}
    ]
    assert not bad, f"Name it after what it holds: {bad}"


# --- words ------------------------------------------------------------------------------------------------------------


def test_every_module_says_what_lives_in_it():
    silent = [name_of(path) for path in python_sources() if not ast.get_docstring(ast.parse(read(path)))]
    assert not silent, f"A module's docstring says what lives here and what must never: {silent}"


def test_no_type_error_is_silenced_and_no_ignore_lacks_its_reason():
    bad = [
        f"{name_of(path)}:{number}"
        for path in tracked("src/*.py", "tests/*.py", "tools/*.py", "bench/*.py")
        if path != Path(__file__)
        for number, line in enumerate(read(path).splitlines(), start=1)
        if SILENCED.search(line) or BARE_IGNORE.search(line) or SILENCED_LIMITS.search(line)
    ]
    assert not bad, f"No `type: ignore`, no silenced limit; other ignores name the rule and the reason: {bad}"


def test_no_file_names_a_place_on_somebodys_machine():
    bad = [
        f"{name_of(path)}:{number}"
        for path in tracked("*.py", "*.ts", "*.tsx", "*.md", "*.toml", "*.json", "*.yml", "*.yaml", "Makefile")
        if path != Path(__file__) and path.name != "package-lock.json"
        for number, line in enumerate(read(path).splitlines(), start=1)
        if MACHINE_PATHS.search(line)
    ]
    assert not bad, f"Paths are given or found, never written down: {bad}"


# --- tests and cases --------------------------------------------------------------------------------------------------


def test_each_source_file_has_a_test_file_of_its_name():
    there = {path.relative_to(TESTS).as_posix() for path in TESTS.rglob("test_*.py")}
    missing = [
        inner.as_posix()
        for path in python_sources()
        if path.name != "__init__.py"
        and "migrations" not in path.parts
        and (inner := path.relative_to(SOURCE)).as_posix() not in TESTED_ELSEWHERE
        and (inner.parent / f"test_{inner.name.lstrip('_')}").as_posix() not in there
    ]
    assert not missing, f"Add tests/<room>/test_<file>.py, or a line with the reason to TESTED_ELSEWHERE: {missing}"


def test_every_reason_for_a_missing_test_file_is_still_needed():
    stale = [
        name
        for name in TESTED_ELSEWHERE
        if not (SOURCE / name).exists() or (TESTS / name).with_name(f"test_{Path(name).name}").exists()
    ]
    assert not stale, f"Take out of TESTED_ELSEWHERE: {stale}"


@pytest.mark.parametrize("path", tracked("spec/*.json"), ids=name_of)
def test_every_case_parses_and_names_its_promise(path: Path):
    case = json.loads(read(path))
    assert case.get("name", "").strip(), f"{name_of(path)} needs a name: the sentence that it promises"


# --- what runs --------------------------------------------------------------------------------------------------------


def test_imports_point_down():
    tool = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_importing_penstock_loads_nothing_heavy():
    """A script that wants one name pays for that name: services, frameworks and databases load when they are used."""
    program = "import json, sys, penstock; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = HEAVY & set(json.loads(result.stdout))
    assert not loaded, f"`import penstock` loads {sorted(loaded)}: import them where they are used"


def test_every_public_name_can_be_loaded_and_no_other():
    assert [name for name in penstock.__all__ if getattr(penstock, name, None) is None] == []
    assert not hasattr(penstock, "no_such_name")
    assert set(penstock.__all__) <= set(dir(penstock))
