"""Whatever happens at whatever moment: one question, one answer, no character lost or doubled, and always an end.

``--long`` runs 30 rounds of each instead of 3; ``--seed`` repeats the moments of a failure.
"""

from __future__ import annotations

import asyncio
import random
import re

import pytest
from playwright.async_api import Page, expect

from e2e.reading import ANSWER, answer, ask, choose_model, grows_beyond, is_complete, numbered
from support.programs import Program

pytestmark = pytest.mark.e2e

COUNT = 250
SOON_S = 0.06
LATER_S = 1.2


@pytest.fixture
def rounds(*, is_long: bool) -> range:
    """How often each happens."""
    return range(30 if is_long else 3)


async def moment(choices: random.Random) -> None:
    """Wait for a moment that nobody chose: at once, before the first words, or in mid-answer."""
    await asyncio.sleep(choices.choice((0.0, choices.uniform(0, SOON_S), choices.uniform(0, LATER_S))))


async def begin(page: Page, program: Program, model: str = "gpt-5.4-mini") -> None:
    """Open a new chat and ask, without waiting for anything."""
    await page.goto(program.url)
    await choose_model(page, model)
    await ask(page, f"count {COUNT}")


async def sent_at_last(page: Page) -> None:
    """Send what did not leave the page, as a person would who sees that it is still there."""
    box = page.get_by_role("textbox", name="Message", exact=True)
    question = page.locator("article.question")
    retry = page.get_by_role("button", name="Retry")
    await expect(question.or_(page.get_by_role("button", name="Try again")).first).to_be_visible()
    if await retry.count():
        await retry.click()
    elif not await question.count():
        await expect(box).to_have_value(f"count {COUNT}")
        await box.press("Enter")


async def is_whole(page: Page) -> None:
    """Wait for the end: one question, one answer, every character of it."""
    await is_complete(page)
    assert await answer(page) == numbered(COUNT)
    await expect(page.locator("article")).to_have_count(2)
    await expect(page.get_by_role("textbox", name="Message", exact=True)).to_have_value("")


async def test_a_reload_at_any_moment(page: Page, program: Program, choices: random.Random, rounds: range) -> None:
    """Also twice in a row, and while the page is still starting."""
    for _ in rounds:
        await begin(page, program)
        await moment(choices)
        for _ in range(choices.choice((1, 1, 2, 3))):
            # A page that is just being replaced has no reload that DevTools could ask for; its address can be opened.
            await page.goto(page.url, wait_until=choices.choice(("commit", "domcontentloaded", "load")))
            if choices.random() < 0.5:
                await asyncio.sleep(choices.uniform(0, SOON_S))
        await sent_at_last(page)
        await is_whole(page)


async def test_offline_and_back_at_any_moment(
    page: Page, program: Program, choices: random.Random, rounds: range
) -> None:
    """Also while the question is on its way."""
    for _ in rounds:
        await begin(page, program)
        await moment(choices)
        await page.context.set_offline(True)
        await asyncio.sleep(choices.uniform(0, LATER_S))
        await page.context.set_offline(False)
        await is_whole(page)


async def test_a_killed_server_at_any_moment(
    page: Page, program: Program, choices: random.Random, rounds: range
) -> None:
    """What was seen is kept; what was not sent can be sent."""
    for _ in rounds:
        await begin(page, program)
        await moment(choices)
        seen = await answer(page)
        await asyncio.to_thread(program.kill)
        seen = max(seen, await answer(page), key=len)
        await program.start()
        unsent = page.get_by_role("button", name="Retry")
        ended = page.get_by_text(re.compile("interrupted", re.IGNORECASE))
        whole = page.get_by_label("Figures of this answer")
        await expect(unsent.or_(ended).or_(whole).first).to_be_visible(timeout=30_000)
        if await unsent.count():
            await unsent.click()
        await expect(page.get_by_label("Figures of this answer")).to_be_visible(timeout=30_000)
        kept = await answer(page)
        assert kept.startswith(seen)
        assert numbered(COUNT).startswith(kept)
        await page.reload()
        await expect(page.get_by_label("Figures of this answer")).to_be_visible()
        assert await answer(page) == kept


async def test_a_stop_in_another_tab_at_any_moment(
    page: Page, program: Program, choices: random.Random, rounds: range
) -> None:
    """Both tabs show the same end."""
    other = await page.context.new_page()
    for _ in rounds:
        await page.goto(program.url)
        await ask(page, "count 5000")
        await page.wait_for_url("**/c/*")
        await expect(page.locator(".stage").get_by_text("Sending")).to_have_count(0)
        await other.goto(page.url)
        await other.get_by_role("button", name="Stop the answer").wait_for()
        await moment(choices)
        await other.get_by_role("button", name="Stop the answer").click()
        for tab in (page, other):
            await expect(tab.get_by_text("Stopped. Upstream closed")).to_be_visible()
        assert await answer(page) == await answer(other)
        assert numbered(5000).startswith(await answer(page))


async def test_a_stop_before_the_first_words_at_any_moment(
    page: Page, program: Program, choices: random.Random, rounds: range
) -> None:
    """Also before the server has the question."""
    for _ in rounds:
        await begin(page, program, "fault-stall-first")
        await asyncio.sleep(choices.uniform(0, 0.3))
        await page.keyboard.press("Escape")
        await expect(page.get_by_text("Stopped. Upstream closed")).to_be_visible()
        await expect(page.locator("article")).to_have_count(2)


async def test_a_double_click_sends_once(page: Page, program: Program, rounds: range) -> None:
    """The second click is neither a second question nor the stop of the first."""
    for _ in rounds:
        await page.goto(program.url)
        await page.get_by_role("textbox", name="Message", exact=True).fill(f"count {COUNT}")
        await page.get_by_role("button", name="Send").dblclick()
        await is_whole(page)
        await expect(page.locator(ANSWER)).to_have_text(numbered(COUNT))
        await grows_beyond(page, 0)
