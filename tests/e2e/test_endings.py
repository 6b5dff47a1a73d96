"""How an answer ended, in words, with the next step; what was written is always kept."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import BrowserContext, Page, expect

from e2e.reading import ANSWER, answer, ask, choose_model, grows_beyond, is_complete

pytestmark = pytest.mark.e2e


async def meet(page: Page, model: str) -> None:
    """Ask a model that fails in its way."""
    await choose_model(page, model)
    await ask(page, "count 30")


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("wrong-key", ("The key was not accepted", "Check the API key")),
        ("no-deployment", ("There is no such deployment", "Check the deployment's name")),
        ("too-long", ("The conversation is too long for this model", "Start a new chat")),
        ("blocked-prompt", ("The content filter blocked this", "Put the question in other words")),
    ],
)
async def test_a_failure_is_said_in_words_with_the_next_step(page: Page, model: str, words: tuple[str, str]) -> None:
    """Read out once, when it happens; a reload shows it without a word."""
    await meet(page, model)
    alert = page.get_by_role("alert")
    for sentence in words:
        await expect(alert).to_contain_text(sentence)
    await page.reload()
    await expect(page.get_by_text(words[0])).to_be_visible()
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_a_rate_limit_counts_down_to_the_next_try(page: Page) -> None:
    """The button says when it makes sense, also after a reload."""
    await meet(page, "slow-down")
    button = page.get_by_role("button", name=re.compile(r"Regenerate \(in \d+ min \d+ s\)"))
    before = await button.inner_text()
    await expect(button).not_to_have_text(before)
    await page.reload()
    await expect(button).to_be_visible()


async def test_another_model_may_answer_what_one_could_not(page: Page) -> None:
    """The failed answer stays reachable beside the new one."""
    await meet(page, "wrong-key")
    await expect(page.get_by_role("alert")).to_be_visible()
    await choose_model(page, "gpt-5.4-mini")
    await page.get_by_role("button", name="Regenerate", exact=True).click()
    await grows_beyond(page, 80)
    await expect(page.get_by_role("group", name="Version 2 of 2")).to_be_visible()


async def test_a_filtered_answer_keeps_its_words_and_names_the_category(page: Page) -> None:
    """The filter ends the answer; it takes nothing back."""
    await meet(page, "blocked-answer")
    await expect(page.get_by_text("The content filter ended the answer")).to_be_visible()
    await expect(page.get_by_text("Category: ")).to_be_visible()
    await page.locator(".notice").get_by_role("button", name="Edit the message").click()
    await expect(page.get_by_role("textbox", name="Edit the message")).to_have_value("count 30")
    assert (await answer(page)).startswith("⟨1⟩")


async def test_a_blocked_prompt_names_the_category(page: Page) -> None:
    """So that a person knows what to put in other words."""
    await meet(page, "blocked-prompt")
    await expect(page.get_by_text(re.compile("Categor(y|ies): "))).to_be_visible()


async def test_an_interrupted_answer_is_kept_and_can_be_continued(page: Page) -> None:
    """With another model, if that is chosen."""
    await choose_model(page, "cut")
    await ask(page, "count 100")
    await expect(page.get_by_text("The answer was interrupted")).to_be_visible()
    cut = await answer(page)
    await choose_model(page, "gpt-5.4-mini")
    await page.get_by_role("button", name="Continue").click()
    await is_complete(page)
    whole = await answer(page)
    assert whole.startswith(cut)
    assert whole.endswith("⟨100⟩")


async def test_reasoning_is_folded_under_how_long_it_took(page: Page) -> None:
    """It is there for who wants it, and not in the way of the answer."""
    await meet(page, "thinks")
    await is_complete(page)
    heading = page.get_by_text(re.compile(r"Thought for (less than a second|\d+ s)"))
    await expect(heading).to_be_visible()
    thoughts = page.locator(".reasoning .prose")
    await expect(thoughts).to_have_count(0)
    await heading.click()
    await expect(thoughts).not_to_be_empty()


async def test_every_answer_has_its_figures(page: Page) -> None:
    """Model, tokens, cost and times; an estimate says that it is one, and nothing unknown is guessed."""
    await ask(page, "count 30")
    await is_complete(page)
    figures = page.get_by_label("Figures of this answer")
    await expect(figures).to_contain_text("gpt-5.4-mini")
    for label in ("in", "out", "cost", "first token", "total", "tok/s"):
        await expect(figures.get_by_text(label, exact=True)).to_be_visible()
    await ask(page, "count 5000")
    await grows_beyond(page, 60)
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("Stopped.")).to_be_visible()
    await expect(figures.last).to_contain_text("≈")


async def test_offline_and_back_sends_what_could_not_be_sent(page: Page, context: BrowserContext) -> None:
    """Under its old name, so that it is one message however often it was tried."""
    await ask(page, "echo: before")
    await is_complete(page)
    await context.set_offline(True)
    await expect(page.get_by_text("You are offline")).to_be_visible()
    await ask(page, "echo: meanwhile")
    await expect(page.get_by_text("Not sent.")).to_be_visible()
    await expect(page.locator("article.question").last).to_contain_text("echo: meanwhile")
    await context.set_offline(False)
    await expect(page.locator(ANSWER).last).to_have_text("meanwhile")
    await expect(page.locator("article.question")).to_have_count(2)


async def test_a_network_that_breaks_in_mid_answer_costs_no_character(page: Page, context: BrowserContext) -> None:
    """The answer goes on at the server, and the page catches up."""
    await ask(page, "count 300")
    await grows_beyond(page, 100)
    await context.set_offline(True)
    await expect(page.get_by_text("Connection lost").or_(page.get_by_text("You are offline")).first).to_be_visible()
    await context.set_offline(False)
    await is_complete(page)
    assert await answer(page) == "".join(f"⟨{number}⟩" for number in range(1, 301))
