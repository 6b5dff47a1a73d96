"""Faults are asked for by name; the table, the documentation and the wire agree."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.emulator.faults import FAULTS
from penstock.emulator.profiles import PROFILES
from support.raw_http import Ask

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "emulator.md"


def table_in(text: str) -> dict[str, tuple[str, str]]:
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): (row[1], row[2].strip() if len(row) > 2 else "") for row in rows}


def test_the_documentation_lists_exactly_the_faults_that_there_are():
    section = DOCUMENT.read_text(encoding="utf-8").split("## Faults")[1]
    assert table_in(section) == {fault.name: (fault.what, fault.parameters) for fault in FAULTS.values()}


def test_the_documentation_lists_exactly_the_profiles_that_there_are():
    section = DOCUMENT.read_text(encoding="utf-8").split("## Profiles")[1].split("## Faults")[0]
    assert table_in(section) == {profile.name: (profile.what, "") for profile in PROFILES.values()}


@pytest.mark.parametrize("name", ["429;times=2", "cut-fin;times=2"])
async def test_a_fault_can_show_itself_some_times_and_then_be_fine(fail: Ask, name: str):
    wires = [await fail(name) for _ in range(6)]
    fine = [wire.status == 200 and wire.ending == "complete" for wire in wires]
    assert fine == [False, False, True, False, False, True]


async def test_the_header_asks_for_a_fault_on_any_deployment(ask: Ask):
    wire = await ask(headers={"x-emulator-fault": "429-seconds;seconds=9"})
    assert wire.headers["retry-after"] == "9"


async def test_classic_deployments_ask_for_faults_in_the_path(ask: Ask):
    wire = await ask(path="/openai/deployments/fault-404/chat/completions?api-version=2024-10-21")
    assert wire.json["error"]["code"] == "DeploymentNotFound"


async def test_an_unknown_fault_is_refused(fail: Ask):
    assert (await fail("unheard-of")).json["error"]["code"] == "UnknownFault"
