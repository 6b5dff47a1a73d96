"""The web app's files: built assets for ever, ``index.html`` afresh, and a word when the page was not built."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from os import PathLike, stat_result
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from penstock.server.bodies import is_id

router = APIRouter(include_in_schema=False)

STATIC: Final = Path(__file__).parents[2] / "_static"

_CHUNKS: Final = ("markdown-text", "rolldown-runtime")

_NOT_BUILT: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Penstock</title>
<style>body{font:16px/1.5 system-ui;margin:4rem auto;max-width:38rem;padding:0 1rem}</style>
<h1>The server runs; its page was not built.</h1>
<p>The API answers. To build the page, install Penstock with <code>pip install .</code> or run <code>make serve</code>
in the checkout; both build it with Node from PyPI.</p>
</html>
"""


@router.get("/")
async def show_page(request: Request) -> Response:
    """Give the page; asked for each time, so that a new one is seen."""
    return _give_page(request, {})


@router.get("/c/{conversation_id}")
async def show_conversation(request: Request, conversation_id: str) -> Response:
    """Give the page, which reads the conversation from its address, and tell the browser what it will ask for."""
    return _give_page(request, {"Link": ", ".join(_announce(request, conversation_id))})


def _announce(request: Request, conversation_id: str) -> Iterator[str]:
    """Name what shows a conversation: it comes beside the page's own code, and not after that has run."""
    if is_id(conversation_id):
        yield f"</api/conversations/{conversation_id}>; rel=preload; as=fetch; crossorigin"
    for name in _chunks_of(request.app.state.static):
        yield f"</assets/{name}>; rel=modulepreload"


@functools.cache
def _chunks_of(static: Path) -> tuple[str, ...]:
    """List the code that renders answers, which an empty chat does without."""
    return tuple(path.name for prefix in _CHUNKS for path in static.glob(f"assets/{prefix}-*.js"))


def _give_page(request: Request, headers: Mapping[str, str]) -> Response:
    index = request.app.state.static / "index.html"
    headers = {"Cache-Control": "no-cache", **headers}
    if not index.is_file():
        return HTMLResponse(_NOT_BUILT, status_code=503, headers=headers)
    # Read whole: it is small, and nothing stays open when the reader goes away in the middle.
    return HTMLResponse(index.read_bytes(), headers=headers)


@router.get("/{name}")
async def show_file(request: Request, name: str) -> Response:
    """Give a file that lies beside the page: icon, manifest."""
    static: Path = request.app.state.static
    path = _files_of(static).get(name)
    if path is None:
        raise HTTPException(404, "There is no such page.")
    return FileResponse(path, headers={"Cache-Control": "no-cache"})


@functools.cache
def _files_of(static: Path) -> dict[str, Path]:
    """List the files once: names are looked up, never joined to a path."""
    return {path.name: path for path in static.glob("*.*") if path.is_file()}


class Assets(StaticFiles):
    """Static files; those under ``assets/`` carry a hash in their name and never change."""

    def file_response(
        self, full_path: PathLike[str] | str, stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Say how long the file may be kept; send what the build compressed to who can read it."""
        compressed = Path(f"{full_path}.gz")
        is_compressed = "gzip" in Headers(scope=scope).get("accept-encoding", "") and compressed.is_file()
        sent, stat_result = (compressed, compressed.stat()) if is_compressed else (full_path, stat_result)
        response = super().file_response(sent, stat_result, scope, status_code)
        response.headers["Vary"] = "Accept-Encoding"
        if is_compressed:
            response.headers["Content-Encoding"] = "gzip"
        is_hashed = Path(full_path).parent.name == "assets"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_hashed else "no-cache"
        return response
