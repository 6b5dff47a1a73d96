"""Finds nginx, Caddy and HAProxy for the tests of ``deploy/``, or gets them by apt (as root).

Says what it does. Exits 0 in any case: without them, those tests are skipped and say why.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("nginx", "caddy", "haproxy")
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


def find(name: str) -> str | None:
    """Give the path of a proxy's program."""
    return shutil.which(name, path=PATH)


def by_apt(names: list[str]) -> None:
    """Let apt install them, when it can, without starting what it installs."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return
    print(f"Installing {', '.join(names)} with apt-get ...", flush=True)
    # RUNLEVEL tells Debian's scripts not to start what they install.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *names]):
        subprocess.run([apt, *arguments], check=False, env=environment)  # noqa: S603 - a fixed command


def main() -> int:
    """Find or get them, and print their paths."""
    missing = [name for name in NAMES if find(name) is None]
    if missing:
        by_apt(missing)
    for name in NAMES:
        print(f"{name}: {find(name) or 'not found; its test is skipped'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
