"""Many tabs: a browser has six connections for all of them, and none may wait for another."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, Page, expect

from e2e.reading import ANSWER, answer, ask, choose_model, grows_beyond, is_complete, numbered
from support.programs import Program

pytestmark = pytest.mark.e2e

TABS = 9
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


async def test_nine_tabs_that_all_read_an_endless_answer_leave_room_for_a_tenth(
    context: BrowserContext, program: Program
) -> None:
    tabs: list[Page] = []
    for _ in range(TABS):
        tab = await context.new_page()
        await tab.goto(program.url)
        await choose_model(tab, "fault-stall-middle")
        await ask(tab, "count 40")
        await grows_beyond(tab, 0)
        tabs.append(tab)
    last = await context.new_page()
    await last.goto(program.url)
    await choose_model(last, "gpt-5.4-mini")
    await ask(last, "count 60")
    await is_complete(last)
    assert await answer(last) == numbered(60)
    await tabs[0].get_by_role("button", name="Stop the answer").click()
    await expect(tabs[0].get_by_text("Upstream closed in")).to_be_visible()


async def test_every_one_of_nine_tabs_reads_the_same_answer_to_its_end(page: Page, context: BrowserContext) -> None:
    await ask(page, "count 900")
    await grows_beyond(page, 20)
    tabs = [page]
    for _ in range(TABS - 1):
        tab = await context.new_page()
        await tab.goto(page.url)
        tabs.append(tab)
    for tab in tabs:
        await is_complete(tab)
        assert await answer(tab) == numbered(900)


async def test_a_tab_that_nobody_looks_at_gives_its_connection_away_and_still_reads_on(
    page: Page, context: BrowserContext
) -> None:
    await ask(page, "count 600")
    await grows_beyond(page, 20)
    await page.evaluate(HIDE, arg=True)
    held = "navigator.locks.query().then(({ held }) => held.map(({ name }) => name))"
    await page.wait_for_function(f"async () => !(await {held}).some((name) => name.startsWith('penstock.stream'))")
    other = await context.new_page()
    await other.goto(page.url)
    await other.wait_for_function(f"async () => (await {held}).includes('penstock.stream.0')")
    await is_complete(page)
    await is_complete(other)
    assert await answer(page) == numbered(600)
    await expect(other.locator(ANSWER)).to_have_text(numbered(600))
