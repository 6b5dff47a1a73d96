"""The page as an app: it can be installed, fits a phone, and shows no light before the dark."""

from __future__ import annotations

import aiohttp
import pytest
from playwright.async_api import Browser, Page, expect

from support.programs import Program

pytestmark = pytest.mark.e2e

PHONE = {"width": 390, "height": 844}
LIGHT_PIXEL = 128


async def test_the_page_can_be_installed(page: Page, program: Program) -> None:
    session = await page.context.new_cdp_session(page)
    manifest = await session.send("Page.getAppManifest")
    assert not manifest["errors"]
    assert (await session.send("Page.getInstallabilityErrors"))["installabilityErrors"] in (
        [],
        [{"errorId": "in-incognito", "errorArguments": []}],
    )
    async with aiohttp.ClientSession(program.url) as client:
        async with client.get("/manifest.webmanifest") as response:
            assert response.content_type == "application/manifest+json"
            icons = (await response.json(content_type=None))["icons"]
        for icon in icons:
            async with client.get(icon["src"]) as response:
                assert (response.status, response.content_type) == (200, icon["type"])


async def test_a_keyboard_over_the_page_never_hides_the_composer(browser: Browser, program: Program) -> None:
    context = await browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = await context.new_page()
    await page.goto(program.url)
    box = page.get_by_role("textbox", name="Message", exact=True)
    await expect(box).to_be_in_viewport()
    # As Safari does it: the layout stays, and only the visual viewport shrinks.
    await page.evaluate("""
        () => {
          Object.defineProperty(visualViewport, "height", { value: 420 });
          visualViewport.dispatchEvent(new Event("resize"));
        }
    """)
    place = await page.locator(".composer").bounding_box()
    assert place is not None
    assert place["y"] + place["height"] <= 420
    await context.close()


async def test_the_first_thing_painted_is_dark_for_who_wants_dark(browser: Browser, program: Program) -> None:
    context = await browser.new_context(color_scheme="dark")
    page = await context.new_page()
    # Before any style or script has come, the browser paints the ground that the page's first lines ask for.
    await page.route("**/assets/*", lambda route: route.abort())
    await page.goto(program.url)
    ground = await page.evaluate("""
        () => {
          const probe = document.body.appendChild(document.createElement("p"));
          probe.style.color = "Canvas";
          return getComputedStyle(probe).color.match(/[0-9]+/g).map(Number);
        }
    """)
    assert max(ground) < LIGHT_PIXEL
    await context.close()
