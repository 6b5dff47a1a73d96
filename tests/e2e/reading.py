"""What a person does with the page and sees of it, for tests to read like one."""

from __future__ import annotations

from playwright.async_api import Page, expect

ANSWER = "article:last-of-type .prose"


async def ask(page: Page, text: str) -> None:
    """Type a message and press Enter."""
    await page.get_by_role("textbox", name="Message", exact=True).fill(text)
    await page.keyboard.press("Enter")


async def answer(page: Page) -> str:
    """Give the text of the newest answer, empty before there is one."""
    texts = await page.locator(ANSWER).all_inner_texts()
    return texts[-1] if texts else ""


async def grows_beyond(page: Page, size: int) -> str:
    """Wait until the answer is longer than ``size`` characters; gives it."""
    script = "([selector, size]) => [...document.querySelectorAll(selector)].at(-1)?.innerText.length > size"
    await page.wait_for_function(script, arg=[ANSWER, size])
    return await answer(page)


async def is_complete(page: Page) -> None:
    """Wait until the figures of the newest answer are there."""
    newest = page.locator("article.answer").last
    await expect(newest.get_by_label("Figures of this answer")).to_be_visible(timeout=30_000)


async def choose_model(page: Page, name: str) -> None:
    """Pick a model for what is asked next."""
    await page.locator("summary[aria-label^='Model:']").click()
    await page.get_by_role("menuitemradio", name=name).click()


def numbered(count: int) -> str:
    """Give what ``count N`` answers."""
    return "".join(f"⟨{number}⟩" for number in range(1, count + 1))
