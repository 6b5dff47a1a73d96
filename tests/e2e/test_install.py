"""The page as an app: it can be installed, fits a phone, and shows no light before the dark."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import aiohttp
import pytest
from playwright.async_api import Browser, CDPSession, Page, Route, expect

from support.programs import Program

pytestmark = pytest.mark.e2e

PHONE = {"width": 390, "height": 844}
LIGHT_PIXEL = 128
GROUND = """(() => {
    const probe = document.documentElement.appendChild(document.createElement("p"));
    probe.style.color = "Canvas";
    const [red, green, blue] = getComputedStyle(probe).color.match(/[0-9]+/g).map(Number);
    probe.remove();
    return Math.round((red + green + blue) / 3);
})()"""
"""What the browser paints under the page, before any of its styles has come."""
MEASURE = """
async (image) => {
  const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${image}`)).blob());
  const canvas = new OffscreenCanvas(1, 1);
  const drawing = canvas.getContext("2d");
  drawing.imageSmoothingQuality = "high";
  drawing.drawImage(bitmap, 0, 0, 1, 1);
  const [red, green, blue] = drawing.getImageData(0, 0, 1, 1).data;
  return Math.round((red + green + blue) / 3);
}
"""


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


class Frames:
    """What the browser paints of a page, frame by frame, as how bright each one is: 0 to 255."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self._images: list[str] = []
        session.on("Page.screencastFrame", self._take)

    async def start(self) -> None:
        """Record from now on."""
        await self._session.send("Page.startScreencast", {"format": "png", "everyNthFrame": 1})

    def _take(self, frame: dict[str, Any]) -> None:
        self._images.append(frame["data"])
        acknowledged = self._session.send("Page.screencastFrameAck", {"sessionId": frame["sessionId"]})
        self._acknowledging = asyncio.ensure_future(acknowledged)

    async def brightness(self, blank: Page) -> list[int]:
        """Give the brightness of every frame so far, measured by a page without a policy."""
        await self._session.send("Page.stopScreencast")
        return [await blank.evaluate(MEASURE, image) for image in self._images]


@pytest.mark.parametrize(("system", "chosen"), [("dark", None), ("light", "dark"), ("dark", "light")])
async def test_no_frame_of_another_theme_is_painted_while_the_page_loads(
    browser: Browser, program: Program, system: Literal["dark", "light"], chosen: str | None
) -> None:
    """However late its styles and scripts come."""
    is_dark = (chosen or system) == "dark"
    context = await browser.new_context(color_scheme=system)
    page = await context.new_page()
    await page.goto(program.url)
    if chosen is not None:
        await page.evaluate("(theme) => localStorage.setItem('penstock.theme', theme)", chosen)
    await page.reload()
    await expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_visible()
    may_come = asyncio.Event()

    async def hold(route: Route) -> None:
        await may_come.wait()
        await route.continue_()

    await page.route("**/assets/*", hold)
    frames = Frames(await context.new_cdp_session(page))
    await frames.start()
    await page.reload(wait_until="commit")
    await page.wait_for_selector("link[rel=stylesheet]", state="attached")
    assert (await page.evaluate(GROUND) < LIGHT_PIXEL) is is_dark, "before any style has come"
    may_come.set()
    await expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_visible()
    await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    painted = await frames.brightness(await context.new_page())
    assert painted
    assert {brightness < LIGHT_PIXEL for brightness in painted} == {is_dark}, painted
    await context.close()
