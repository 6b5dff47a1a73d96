"""Takes the pictures of docs/page.md: starts a server on the emulator, and asks, stops and reads in a real Chromium.

.venv/bin/python tools/take_screenshots.py
"""

from __future__ import annotations

import itertools
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from find_browser import installed
from served_page import served_page

PICTURES = Path(__file__).parent.parent / "docs" / "images"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
THEMES = ("light", "dark")
MODELS = ("gpt-5.4-mini", "fault-error-frame", "fault-filter-inline")
LENGTH = "[...document.querySelectorAll('.answer .prose')].at(-1)?.innerText.length"


def ask(page: Page, url: str, text: str, *, model: str = MODELS[0]) -> None:
    """Open a new chat and send a message to a model."""
    page.goto(url)
    page.locator("summary[aria-label^='Model:']").click()
    page.get_by_role("menuitemradio", name=model).click()
    page.get_by_role("textbox", name="Message", exact=True).fill(text)
    page.keyboard.press("Enter")


def is_complete(page: Page) -> None:
    """Wait until the answer has ended, and what is loaded for it has come."""
    page.get_by_label("Figures of this answer").last.wait_for()
    page.wait_for_load_state("networkidle")


def take(browser: Browser, url: str, size: str, theme: str) -> None:
    """Take the pictures of one size and theme."""
    width, height = SIZES[size]
    scheme = "dark" if theme == "dark" else "light"
    is_phone = size == "phone"
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, is_mobile=is_phone, has_touch=is_phone
    )
    page = context.new_page()

    def shoot(name: str) -> None:
        page.screenshot(path=PICTURES / f"{name}-{size}-{theme}.png")

    page.goto(url)
    page.get_by_role("textbox", name="Message", exact=True).wait_for()
    shoot("empty")
    ask(page, url, "Write a long answer that I can stop")
    page.wait_for_function(f"() => {LENGTH} > 450")
    shoot("streaming")
    page.keyboard.press("Escape")
    page.get_by_text("Upstream closed in").wait_for()
    shoot("stopped")
    ask(page, url, "Show me what this page can render")
    is_complete(page)
    shoot("answer")
    page.locator(".transcript").evaluate("(scroller) => scroller.scrollTo(0, 0)")
    page.get_by_role("button", name="Newest").wait_for()
    shoot("long")
    for name, model in (("failed", "fault-error-frame"), ("filtered", "fault-filter-inline")):
        ask(page, url, "How does a penstock work?", model=model)
        is_complete(page)
        shoot(name)
    context.close()


def main() -> None:
    """Take all pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with served_page(MODELS) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=["--no-sandbox", "--hide-scrollbars"])
        for size, theme in itertools.product(SIZES, THEMES):
            take(browser, url, size, theme)
        browser.close()


if __name__ == "__main__":
    main()
