"""Finds a Chromium for the browser tests, or gets one, and prints its path.

Order: ``PENSTOCK_CHROMIUM``; a Chromium or Chrome on the path; Playwright's own download; the system's package manager
(apt, as root). Says what it does. Exits 1 with a sentence when no way works.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def installed() -> str | None:
    """Give the path of a browser that is already here."""
    named = os.environ.get("PENSTOCK_CHROMIUM")
    if named:
        return named
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    return downloaded()


def downloaded() -> str | None:
    """Give the path of Playwright's own Chromium, if it was downloaded."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only when nothing else is found: it is slow

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def by_playwright() -> bool:
    """Let Playwright download its Chromium; True when it did."""
    print("No Chromium found; asking Playwright to download one ...", flush=True)
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        run = subprocess.run(command, check=False, timeout=300, capture_output=True)  # noqa: S603 - a fixed command
    except subprocess.TimeoutExpired:
        return False
    return run.returncode == 0


def by_apt() -> bool:
    """Let apt install Chromium; True when it did."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return False
    print("Playwright's download does not work here; installing Debian's chromium with apt-get ...", flush=True)
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "chromium"]):
        command = [apt, *arguments]
        if subprocess.run(command, check=False, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}).returncode:  # noqa: S603 - a fixed command
            return False
    return True


def main() -> int:
    """Find or get one, and print its path."""
    path = installed()
    if path is None and (by_playwright() or by_apt()):
        path = installed()
    if path is None:
        print("No Chromium: install one and set PENSTOCK_CHROMIUM to its path.", file=sys.stderr)
        return 1
    print(f"Chromium: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
