"""The page's files."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from penstock.server.routes import page
from support.running import Start


async def test_without_a_build_the_page_says_so(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(page, "STATIC", tmp_path / "nothing")
    server = await start()
    async with server.call("GET", "/") as response:
        assert response.status == 503
        assert "was not built" in await response.text()


async def test_the_page_is_asked_for_afresh_and_its_assets_never_again(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<p>page")
    (static / "icon.svg").write_text("<svg/>")
    (static / "assets" / "index-abc123.js").write_text("1")
    monkeypatch.setattr(page, "STATIC", static)
    server = await start()
    async with server.call("GET", "/") as response:
        assert (await response.text(), response.headers["Cache-Control"]) == ("<p>page", "no-cache")
    async with server.call("GET", "/assets/index-abc123.js") as response:
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    async with server.call("GET", "/icon.svg") as response:
        assert response.status == 200
    for path in ("/assets/none.js", "/assets/..%2findex.html", "/nothing.txt", "/..%2fsecret"):
        async with server.call("GET", path) as response:
            assert response.status == 404, path


async def test_a_conversations_page_names_what_it_will_ask_for(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<p>page")
    (static / "assets" / "markdown-text-abc123.js").write_text("1")
    monkeypatch.setattr(page, "STATIC", static)
    server = await start()
    chunk = "</assets/markdown-text-abc123.js>; rel=modulepreload"
    conversation = "</api/conversations/conv_1>; rel=preload; as=fetch; crossorigin"
    # What cannot be an id is shown as not found by the page, and is no header.
    expected = {"/": None, "/c/conv_1": f"{conversation}, {chunk}", "/c/a%22%0d%0aX:%20b": chunk, "/c/a%3e;b": chunk}
    for path, link in expected.items():
        async with server.call("GET", path) as response:
            assert (response.status, response.headers.get("Link"), response.headers.get("X")) == (200, link, None)


async def test_assets_go_compressed_to_who_can_read_them(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assets = tmp_path / "static" / "assets"
    assets.mkdir(parents=True)
    (assets / "index-abc123.js").write_text("let page;")
    (assets / "index-abc123.js.gz").write_bytes(gzip.compress(b"let page;"))
    (assets / "font-abc123.woff2").write_bytes(b"font")
    monkeypatch.setattr(page, "STATIC", tmp_path / "static")
    server = await start()
    for accepted, encoding in (("gzip, br", "gzip"), ("identity", None)):
        headers = {"Accept-Encoding": accepted}
        async with server.call("GET", "/assets/index-abc123.js", headers=headers) as response:
            assert response.headers.get("Content-Encoding") == encoding
            assert (response.content_type, response.headers["Vary"]) == ("text/javascript", "Accept-Encoding")
            assert await response.text() == "let page;"
    async with server.call("GET", "/assets/font-abc123.woff2", headers={"Accept-Encoding": "gzip"}) as response:
        assert await response.read() == b"font"
