"""``penstock doctor``."""

from __future__ import annotations

import asyncio
from pathlib import Path

import typer

from penstock.cli.failure import FAILURE, USAGE
from penstock.composition.settings import load_settings
from penstock.core.errors import PenstockError
from penstock.server.examination import Finding, examine

_MARKS = {"ok": "ok  ", "hint": "note", "fault": "FIX "}


def run_doctor(*, config: Path | None) -> None:
    """Examine the installation; exit code 0 when nothing needs fixing."""
    try:
        settings = load_settings(config)
    except PenstockError as error:
        _print(Finding(level="fault", text=error.message))
        raise typer.Exit(USAGE) from None
    findings = asyncio.run(examine(settings))
    for finding in findings:
        _print(finding)
    if any(finding.level == "fault" for finding in findings):
        raise typer.Exit(FAILURE)


def _print(finding: Finding) -> None:
    print(f"{_MARKS[finding.level]}  {finding.text}")
