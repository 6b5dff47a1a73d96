"""What a person sets is set at once, kept, and the same in every tab; and what a chat took can be read."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import BrowserContext, Page, Route, expect

from e2e.reading import ANSWER, ask, choose_model, is_complete

pytestmark = pytest.mark.e2e

PAPER = "getComputedStyle(document.body).backgroundColor"


async def open_settings(page: Page) -> None:
    """Open the settings."""
    await page.get_by_role("button", name="Settings", exact=True).click()


async def test_a_chosen_theme_is_there_before_the_first_paint_and_in_every_tab(
    page: Page, context: BrowserContext
) -> None:
    other = await context.new_page()
    await other.goto(page.url)
    light = await page.evaluate(PAPER)
    await open_settings(page)
    await page.get_by_role("radio", name="Dark").check()
    dark = await page.evaluate(PAPER)
    assert dark != light
    await other.wait_for_function(f"() => {PAPER} === '{dark}'")
    await page.add_init_script("document.addEventListener('readystatechange', () => (window.early ??= " + PAPER + "))")
    await page.reload()
    assert await page.evaluate("window.early") == dark


async def test_the_language_is_chosen_over_the_browsers(page: Page) -> None:
    await open_settings(page)
    await page.get_by_role("radio", name="Deutsch").check()
    await expect(page.get_by_role("heading", name="Einstellungen")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("button", name="Neuer Chat")).to_be_visible()


async def test_enter_can_be_a_new_line_and_ctrl_enter_sends(page: Page) -> None:
    await open_settings(page)
    await page.get_by_role("radio", name=re.compile("^Ctrl")).check()
    await page.keyboard.press("Escape")
    box = page.get_by_role("textbox", name="Message", exact=True)
    await box.fill("echo: one")
    await box.press("Enter")
    await box.press_sequentially("two")
    await expect(box).to_have_value("echo: one\ntwo")
    await box.press("Control+Enter")
    await expect(page.locator(ANSWER)).to_have_text("one two")


async def test_an_answer_can_be_shown_when_it_is_whole(page: Page) -> None:
    await open_settings(page)
    await page.get_by_role("radio", name=re.compile("^Whole")).check()
    await page.keyboard.press("Escape")
    await page.evaluate(
        """() => { window.lengths = new Set(); new MutationObserver(() => {
            const text = document.querySelector('.prose')?.innerText; if (text) window.lengths.add(text.length);
        }).observe(document.body, { subtree: true, childList: true, characterData: true }); }"""
    )
    await ask(page, "count 60")
    await is_complete(page)
    await expect(page.locator(ANSWER)).to_contain_text("⟨60⟩")
    assert await page.evaluate("window.lengths.size") == 1


async def test_the_model_of_new_chats_is_set_and_a_chat_keeps_its_own(page: Page) -> None:
    await open_settings(page)
    await page.get_by_role("combobox", name="Model of new chats").select_option("fault-stall-first")
    await page.keyboard.press("Escape")
    picker = page.locator("summary[aria-label^='Model:']")
    await expect(picker).to_have_text("fault-stall-first")
    await choose_model(page, "gpt-5.4-mini")
    await ask(page, "echo: mine")
    await is_complete(page)
    await choose_model(page, "fault-stall-middle")
    await page.get_by_role("button", name="New chat").click()
    await expect(picker).to_have_text("gpt-5.4-mini")
    await page.go_back()
    await expect(picker).to_have_text("fault-stall-middle")
    await page.reload()
    await expect(picker).to_have_text("fault-stall-middle")


async def test_the_picker_tells_what_is_known_of_each_model_and_works_by_keys(page: Page) -> None:
    summary = page.locator("summary[aria-label^='Model:']")
    await summary.focus()
    await page.keyboard.press("Enter")
    known = page.get_by_role("menuitemradio", name=re.compile("gpt-5.4-mini"))
    await expect(known).to_contain_text("sees images")
    await expect(known).to_contain_text("context")
    await expect(known).to_contain_text("per million tokens")
    await expect(page.get_by_role("group", name="Azure OpenAI")).to_be_visible()
    await page.keyboard.press("End")
    await page.keyboard.press("Home")
    await expect(known).to_be_focused()
    await page.keyboard.press("f")
    await expect(page.get_by_role("menuitemradio", name=re.compile("stall-first"))).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(summary).to_have_text("fault-stall-first")


async def test_an_answer_is_made_again_by_another_model(page: Page) -> None:
    """Also when the list of models comes after the answer is there."""
    come = asyncio.Event()

    async def hold(route: Route) -> None:
        await come.wait()
        await route.continue_()

    await page.route("**/api/models", hold)
    await page.reload()
    await ask(page, "echo: again")
    await is_complete(page)
    come.set()
    await page.locator("summary[aria-label='Regenerate with another model']").click()
    await page.get_by_role("menuitemradio", name=re.compile("stall-middle")).click()
    await expect(page.get_by_role("button", name="Stop the answer")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("group", name="Version 2 of 2")).to_be_visible()
    await page.get_by_role("button", name="Earlier version").click()
    await expect(page.locator(ANSWER)).to_have_text("again")
    await expect(page.locator("summary[aria-label^='Model:']")).to_have_text("gpt-5.4-mini")


async def test_the_total_of_a_chat_counts_answers_that_are_not_shown(page: Page) -> None:
    await ask(page, "echo: one")
    await is_complete(page)
    total = page.get_by_role("button", name=re.compile("This chat took"))
    await expect(total).to_contain_text("$")
    await page.get_by_role("button", name="Regenerate the answer").click()
    await expect(page.get_by_role("group", name="Version 2 of 2")).to_be_visible()
    await total.click()
    panel = page.locator("#chat-total-panel")
    await expect(panel.locator("dd").first).to_have_text("2")
    shown = await panel.inner_text()
    assert re.search(r"cost\s+\$\d", shown), shown
