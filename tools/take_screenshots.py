"""Takes the pictures of docs/page.md: starts a server on the emulator, and asks, stops and reads in a real Chromium.

.venv/bin/python tools/take_screenshots.py
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PICTURES = Path(__file__).parent.parent / "docs" / "images"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
THEMES = ("light", "dark")
PORT = 8797
URL = f"http://127.0.0.1:{PORT}/"
START_S = 30
LENGTH = "document.querySelector('article:last-of-type .prose')?.innerText.length"


def ask(page: Page, text: str) -> None:
    """Open a new chat and send a message."""
    page.goto(URL)
    page.get_by_role("textbox", name="Message").fill(text)
    page.keyboard.press("Enter")


def take(browser: Browser, size: str, theme: str) -> None:
    """Take the four pictures of one size and theme."""
    width, height = SIZES[size]
    scheme = "dark" if theme == "dark" else "light"
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()

    def shoot(name: str) -> None:
        page.screenshot(path=PICTURES / f"{name}-{size}-{theme}.png")

    page.goto(URL)
    page.get_by_role("textbox", name="Message").wait_for()
    shoot("empty")
    ask(page, "Write a long answer that I can stop")
    page.wait_for_function(f"() => {LENGTH} > 450")
    shoot("streaming")
    page.keyboard.press("Escape")
    page.get_by_text("Upstream closed in").wait_for()
    shoot("stopped")
    ask(page, "Show me what this page can render")
    page.get_by_label("Figures of this answer").last.wait_for()
    shoot("answer")
    context.close()


def wait_for_server() -> None:
    """Wait until the server answers."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(URL, timeout=1):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    message = "The server did not start."
    raise TimeoutError(message)


def take_all(chromium: str | None) -> None:
    """Take every size in every theme."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--hide-scrollbars"])
        for size, theme in itertools.product(SIZES, THEMES):
            take(browser, size, theme)
        browser.close()


def main() -> None:
    """Take all pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("PENSTOCK_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    command = [sys.executable, "-m", "penstock.cli.main", "serve", "--port", str(PORT)]
    with tempfile.TemporaryDirectory() as data:
        server = subprocess.Popen(command, env={**os.environ, "PENSTOCK_DATA_DIR": data})  # noqa: S603 - our own server
        try:
            wait_for_server()
            take_all(chromium)
        finally:
            server.terminate()
            server.wait(10)


if __name__ == "__main__":
    main()
