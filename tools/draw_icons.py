"""Draws the sizes of the icon that installing the page asks for, from ``web/public/icon.svg``, in a real Chromium.

.venv/bin/python tools/draw_icons.py
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from find_browser import installed

PUBLIC = Path(__file__).parent.parent / "web" / "public"
GROUND = "#0e6b78"
SAFE_ZONE = 0.72
"""How much of a maskable icon the drawing takes: launchers cut the rest to their own shape."""


def draw(page: Page, name: str, size: int, *, ground: str = "transparent", share: float = 1.0) -> None:
    """Draw the icon on a ground, so large that it takes that share of the picture."""
    svg = (PUBLIC / "icon.svg").read_text().replace("<svg ", f'<svg width="{size * share}" height="{size * share}" ')
    page.set_viewport_size({"width": size, "height": size})
    page.set_content(
        f'<body style="margin:0;height:100vh;display:grid;place-items:center;background:{ground}">{svg}</body>'
    )
    page.screenshot(path=PUBLIC / name, omit_background=True)


def main() -> None:
    """Draw them all."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=["--no-sandbox"])
        page = browser.new_page()
        draw(page, "icon-192.png", 192)
        draw(page, "icon-512.png", 512)
        # Behind these two the system's own corners are cut: they need the ground up to the edge.
        draw(page, "icon-maskable-512.png", 512, ground=GROUND, share=SAFE_ZONE)
        draw(page, "apple-touch-icon.png", 180, ground=GROUND, share=1.0)
        browser.close()


if __name__ == "__main__":
    main()
