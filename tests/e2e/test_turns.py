"""What a person does with a turn that is there: put it in other words, go on with it, line up the next one."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from e2e.reading import ANSWER, answer, ask, grows_beyond, is_complete, numbered

pytestmark = pytest.mark.e2e


async def edit_last(page: Page, text: str) -> None:
    """Press the up arrow in the empty box, write other words and send them."""
    await page.get_by_role("textbox", name="Message", exact=True).press("ArrowUp")
    box = page.get_by_role("textbox", name="Edit the message")
    await expect(box).to_be_focused()
    await box.fill(text)
    await box.press("Enter")


async def test_an_edited_message_is_a_branch_and_the_old_one_stays(page: Page) -> None:
    """Of the first message too; there and back, and still there after a reload."""
    await ask(page, "echo: one")
    await is_complete(page)
    await page.locator("article.question").hover()
    await page.get_by_role("button", name="Edit the message").click()
    await page.get_by_role("textbox", name="Edit the message").fill("echo: two")
    await page.keyboard.press("Enter")
    await expect(page.locator(ANSWER)).to_have_text("two")
    await expect(page.get_by_role("group", name="Version 2 of 2")).to_be_visible()
    await page.get_by_role("button", name="Earlier version").click()
    await expect(page.locator(ANSWER)).to_have_text("one")
    await expect(page.locator("article.question")).to_contain_text("echo: one")
    await page.reload()
    await expect(page.locator(ANSWER)).to_have_text("two")


async def test_the_up_arrow_in_an_empty_box_edits_the_last_message(page: Page) -> None:
    """Esc leaves it as it was, and gives the focus back to the box."""
    await ask(page, "echo: first")
    await is_complete(page)
    await ask(page, "echo: second")
    await expect(page.locator(ANSWER).last).to_have_text("second")
    await is_complete(page)
    await page.get_by_role("textbox", name="Message", exact=True).press("ArrowUp")
    await expect(page.get_by_role("textbox", name="Edit the message")).to_have_value("echo: second")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_focused()
    await edit_last(page, "echo: third")
    await expect(page.locator(ANSWER).last).to_have_text("third")
    await expect(page.locator("article.question").first).to_contain_text("echo: first")


async def test_a_stopped_answer_can_be_continued_and_is_then_one_text(page: Page) -> None:
    """The kept part does not change: what is added is a message of its own, shown as one with it."""
    await ask(page, "count 250")
    await grows_beyond(page, 60)
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Continue").click()
    stopped = await answer(page)
    await is_complete(page)
    assert await answer(page) == numbered(250)
    await page.reload()
    await is_complete(page)
    assert await answer(page) == numbered(250)
    await expect(page.locator("article.answer")).to_have_count(1)
    kept = await page.evaluate(
        """() => fetch(`/api/conversations/${location.pathname.split("/").at(-1)}`).then((answer) => answer.json())"""
    )
    first, rest = [message for message in kept["messages"] if message["role"] == "assistant"]
    assert (first["status"], rest["parent_id"]) == ("stopped", first["id"])
    assert first["parts"][0]["text"].startswith(stopped)


async def test_what_is_sent_while_an_answer_is_written_waits_and_can_be_changed(page: Page) -> None:
    """It goes out when the answer is complete."""
    await ask(page, "count 250")
    await grows_beyond(page, 20)
    await ask(page, "echo: next")
    waiting = page.get_by_role("textbox", name="Waiting message 1")
    await expect(waiting).to_have_value("echo: next")
    await expect(page.get_by_role("textbox", name="Message", exact=True)).to_have_value("")
    await waiting.fill("echo: changed")
    await expect(page.locator("article")).to_have_count(4, timeout=30_000)
    await expect(waiting).to_have_count(0)
    await expect(page.locator(ANSWER).last).to_have_text("changed")


async def test_a_stop_holds_back_what_waits_until_a_person_sends_it(page: Page) -> None:
    """Nobody wants the next answer to start when they just stopped one."""
    await ask(page, "count 5000")
    await grows_beyond(page, 20)
    await ask(page, "echo: one")
    await ask(page, "echo: two")
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("Waits, because")).to_be_visible()
    await page.get_by_role("button", name="Remove waiting message 1").click()
    await page.reload()
    await expect(page.get_by_role("textbox", name="Waiting message 1")).to_have_value("echo: two")
    await page.get_by_role("button", name="Send now").click()
    await expect(page.locator(ANSWER).last).to_have_text("two")


async def test_a_message_that_was_not_sent_survives_a_reload(page: Page) -> None:
    """A draft is forgotten only when the server has the message."""
    # Not by going offline: back online the page sends by itself, which may be before the reload.
    await page.route("**/messages", lambda route: route.abort(), times=1)
    await ask(page, "echo: kept")
    await expect(page.get_by_text("Not sent.")).to_be_visible()
    await page.reload()
    box = page.get_by_role("textbox", name="Message", exact=True)
    await expect(box).to_have_value("echo: kept")
    await box.press("Enter")
    await expect(page.locator(ANSWER)).to_have_text("kept")
    await page.reload()
    await expect(box).to_have_value("")
