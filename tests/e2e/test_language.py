"""The page speaks the language of the person's browser."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from support.programs import Program

pytestmark = pytest.mark.e2e


async def test_a_german_browser_gets_a_german_page(browser: Browser, program: Program) -> None:
    """Words, numbers and the language that a screen reader speaks."""
    context = await browser.new_context(locale="de-AT")
    page = await context.new_page()
    await page.goto(program.url)
    await page.get_by_role("textbox", name="Nachricht").fill("count 120")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Zahlen zu dieser Antwort")).to_contain_text(" s", timeout=30_000)
    assert await page.locator("html").get_attribute("lang") == "de"
    await expect(page.get_by_role("navigation").get_by_role("heading", name="Heute")).to_be_visible()


async def test_a_browser_of_another_language_gets_english(browser: Browser, program: Program) -> None:
    """English is the language that the page has for everyone else."""
    context = await browser.new_context(locale="fr-FR")
    page = await context.new_page()
    await page.goto(program.url)
    await expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    assert await page.locator("html").get_attribute("lang") == "en"
