"""What a person sees of an answer: it comes as it is made, stops when told to, and survives a reload."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import BrowserContext, Page, Route, expect

from e2e.reading import ANSWER, answer, ask, choose_model, grows_beyond, is_complete, numbered
from support.programs import Program

pytestmark = pytest.mark.e2e


async def test_the_answer_appears_piece_by_piece(page: Page) -> None:
    await ask(page, "count 200")
    lengths = {0}
    while len(lengths) < 6:
        lengths.add(len(await answer(page)))
    await is_complete(page)
    assert await answer(page) == numbered(200)


async def test_the_question_and_a_named_stage_are_there_before_the_first_token(page: Page) -> None:
    await choose_model(page, "fault-stall-first")
    await ask(page, "Are you there?")
    await expect(page.locator("article").first).to_contain_text("Are you there?")
    await expect(page.get_by_role("button", name="Stop the answer")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("Stopped.")).to_be_visible()
    await expect(page.get_by_text("Upstream closed in")).to_be_visible()


async def test_stop_keeps_the_partial_answer_and_shows_the_receipt(page: Page) -> None:
    await ask(page, "count 5000")
    await grows_beyond(page, 60)
    await page.get_by_role("button", name="Stop the answer").click()
    await expect(page.get_by_text("Upstream closed in")).to_be_visible()
    await expect(page.get_by_text("estimated").first).to_be_visible()
    stopped = await answer(page)
    assert stopped
    assert numbered(5000).startswith(stopped)
    await page.reload()
    await grows_beyond(page, 0)
    await expect(page.get_by_text("Stopped. Upstream closed · ")).to_be_visible()
    assert await answer(page) == stopped, "a stopped answer does not grow back"


async def test_a_reload_in_mid_answer_goes_on_without_a_lost_or_doubled_character(page: Page) -> None:
    await ask(page, "count 600")
    for size in (40, 400, 1200):
        seen = await grows_beyond(page, size)
        assert numbered(600).startswith(seen)
        await page.reload()
    await is_complete(page)
    assert await answer(page) == numbered(600)


async def test_an_answer_goes_on_while_its_tab_is_closed(page: Page, context: BrowserContext) -> None:
    await ask(page, "count 300")
    await grows_beyond(page, 40)
    address = page.url
    await page.close()
    again = await context.new_page()
    await again.goto(address)
    await is_complete(again)
    assert await answer(again) == numbered(300)


async def test_a_page_that_slept_shows_what_came_meanwhile(page: Page, context: BrowserContext) -> None:
    """As on a phone that was put away: nothing of the page ran until the answer had long ended."""
    await ask(page, "count 300")
    await grows_beyond(page, 40)
    other = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Page.setWebLifecycleState", {"state": "frozen"})
    await other.goto(page.url)
    await is_complete(other)
    await session.send("Page.setWebLifecycleState", {"state": "active"})
    await is_complete(page)
    assert await answer(page) == numbered(300)


async def test_a_second_tab_shows_the_same_answer_and_may_stop_it(page: Page, context: BrowserContext) -> None:
    await ask(page, "count 5000")
    await grows_beyond(page, 60)
    await page.wait_for_url("**/c/*")
    other = await context.new_page()
    await other.goto(page.url)
    await grows_beyond(other, 60)
    await other.get_by_role("button", name="Stop the answer").click()
    await expect(other.get_by_text("Upstream closed in")).to_be_visible()
    await expect(page.get_by_text("Stopped. Upstream closed · ")).to_be_visible()
    assert await answer(page) == await answer(other)


async def test_a_stop_that_nobody_has_received_yet_is_not_shown_as_one_that_worked(page: Page) -> None:
    """The server that writes the answer may be paused: then the page goes on stopping, and says why."""
    receipt = {"status": "running", "delivered": False, "upstream_closed": False, "stop_ms": 1500}

    async def unheard(route: Route) -> None:
        await route.fulfill(json=receipt)

    await choose_model(page, "fault-stall-middle")
    await ask(page, "count 40")
    await grows_beyond(page, 0)
    await page.route("**/api/runs/*/stop", unheard)
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("The stop is noted.")).to_be_visible()
    await expect(page.get_by_text("Stopped.")).to_have_count(0)
    await page.unroute("**/api/runs/*/stop")
    await page.evaluate("(id) => fetch(`/api/chat/${id}/stop`, {method: 'POST'})", page.url.split("/c/")[1])
    await expect(page.get_by_text("Stopped.")).to_be_visible()
    await expect(page.get_by_text("The stop is noted.")).to_have_count(0)


async def test_enter_hammered_sends_one_message(page: Page) -> None:
    await page.get_by_role("textbox", name="Message", exact=True).fill("echo: once")
    for _ in range(5):
        await page.keyboard.press("Enter", delay=0)
    await is_complete(page)
    await expect(page.locator("article")).to_have_count(2)


async def test_a_server_killed_in_mid_answer_leaves_an_interrupted_answer(page: Page, program: Program) -> None:
    await ask(page, "count 5000")
    seen = await grows_beyond(page, 60)
    await asyncio.to_thread(program.kill)
    await program.start()
    await expect(page.get_by_text(re.compile("interrupted", re.IGNORECASE)).first).to_be_visible(timeout=20_000)
    kept = await answer(page)
    assert kept.startswith(seen)
    assert numbered(5000).startswith(kept)


async def test_markdown_is_rendered_and_raw_html_is_text(page: Page) -> None:
    await choose_model(page, "profile-async-filter")
    await ask(page, "show markdown")
    await is_complete(page)
    newest = page.locator(ANSWER)
    await expect(newest.locator("table")).to_have_count(1)
    await expect(newest.locator("pre code").first).to_be_visible()
    await expect(newest.locator("b")).to_have_count(0)


async def test_a_new_chat_keeps_the_old_one_in_the_list(page: Page) -> None:
    await ask(page, "echo: first")
    await is_complete(page)
    await page.get_by_role("button", name="New chat").or_(page.get_by_role("link", name="New chat")).first.click()
    await ask(page, "echo: second")
    await is_complete(page)
    await page.get_by_role("navigation").get_by_text(re.compile("first", re.IGNORECASE)).click()
    await expect(page.locator(ANSWER)).to_have_text("first")


async def test_a_conversation_is_headed_by_its_title(page: Page) -> None:
    """Who listens to the page hears at once which conversation this is."""
    await ask(page, "echo: hello")
    await is_complete(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("hello", re.IGNORECASE))


async def test_text_from_right_to_left_stands_right(page: Page) -> None:
    """The first strong letter decides, paragraph by paragraph, in question and answer."""
    await ask(page, "echo: مرحبا بالعالم")
    await is_complete(page)
    edges = await page.evaluate(
        """() => [...document.querySelectorAll("article:last-of-type .prose p")].map((paragraph) => {
            const words = document.createRange();
            words.selectNodeContents(paragraph);
            return paragraph.getBoundingClientRect().right - words.getBoundingClientRect().right;
        })"""
    )
    assert len(edges) == 1
    assert edges[0] < 2


async def test_a_message_that_was_not_sent_is_kept_to_be_edited(page: Page, context: BrowserContext) -> None:
    """Edit brings it back into the box, with the keyboard's focus."""
    await context.set_offline(True)
    await ask(page, "echo: later")
    await page.get_by_role("button", name="Edit", exact=True).click()
    await context.set_offline(False)
    box = page.get_by_role("textbox", name="Message", exact=True)
    await expect(box).to_have_value("echo: later")
    await expect(box).to_be_focused()
    await page.keyboard.press("Enter")
    await is_complete(page)
    assert await answer(page) == "later"
