"""The list of chats: found again by day, name or words, in step wherever it is read, and nothing lost by a slip."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Locator, Page, Route, expect

from e2e.reading import ANSWER, answer, ask, grows_beyond, is_complete, numbered
from support.programs import Program

pytestmark = pytest.mark.e2e


def item(page: Page, title: str | re.Pattern[str]) -> Locator:
    """Give a chat of the list."""
    return page.get_by_role("navigation", name="Chats").get_by_role("listitem").filter(has_text=title)


async def begin(page: Page, text: str) -> None:
    """Ask in a new chat, and wait for the whole answer."""
    await page.get_by_role("button", name="New chat").click()
    await ask(page, text)
    await is_complete(page)


async def choose(page: Page, title: str, choice: str) -> None:
    """Choose from the menu of a chat."""
    chat = item(page, title)
    await chat.hover()
    await chat.locator("summary").click()
    await chat.get_by_role("menuitem", name=choice, exact=True).click()


async def rename(page: Page, old: str, new: str) -> None:
    """Give a chat another name."""
    await choose(page, old, "Rename")
    await page.get_by_role("textbox", name="Title").fill(new)
    await page.keyboard.press("Enter")
    await expect(item(page, new)).to_be_visible()


async def test_a_new_chat_stands_under_today_and_is_named_by_the_model(page: Page) -> None:
    await begin(page, "echo: what is a penstock made of")
    today = page.get_by_role("region", name="Today")
    await expect(today.get_by_role("link", name="Echo What Penstock Made")).to_be_visible()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Echo What Penstock Made")


async def test_the_models_title_never_overwrites_a_persons(page: Page) -> None:
    """The name is given while the answer, after which the model would be asked, is still being written."""
    await ask(page, "count 300")
    await grows_beyond(page, 20)
    await rename(page, "count 300", "My own name")
    await is_complete(page)
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("My own name")
    await expect(item(page, "My own name")).to_be_visible()


async def test_switching_to_a_chat_that_was_open_needs_no_network(page: Page, context: BrowserContext) -> None:
    await begin(page, "echo: the first")
    await begin(page, "echo: the second")
    await context.set_offline(True)
    await item(page, "First").get_by_role("link").click()
    await expect(page.locator(ANSWER)).to_have_text("the first")
    await item(page, "Second").get_by_role("link").click()
    await expect(page.locator(ANSWER)).to_have_text("the second")
    await context.set_offline(False)


async def test_a_pinned_chat_stays_on_top(page: Page) -> None:
    await begin(page, "echo: keep me")
    await choose(page, "Keep", "Pin")
    await begin(page, "echo: newer")
    pinned = page.get_by_role("region", name="Pinned")
    await expect(pinned.get_by_role("listitem")).to_have_count(1)
    await page.reload()
    await expect(pinned).to_contain_text("Keep")
    await choose(page, "Keep", "Unpin")
    await expect(pinned).to_have_count(0)


async def test_a_deleted_chat_can_be_had_back(page: Page) -> None:
    await begin(page, "echo: treasure")
    await choose(page, "Treasure", "Delete")
    await expect(item(page, "Treasure")).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(item(page, "Treasure")).to_be_visible()
    await expect(page.locator(ANSWER)).to_have_text("treasure")


async def test_search_finds_words_in_titles_and_texts_and_shows_the_place(page: Page) -> None:
    await begin(page, "echo: the heron stands very still in cold water")
    await begin(page, "echo: nothing to see")
    await page.keyboard.press("Control+Shift+F")
    await page.keyboard.type("COLD wat")
    found = page.get_by_role("region", name="Found chats").get_by_role("listitem")
    await expect(found).to_have_count(1)
    await expect(found.locator("mark").first).to_have_text("cold")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator(ANSWER)).to_have_text("the heron stands very still in cold water")
    await page.wait_for_function("() => CSS.highlights.get('found')?.size >= 2")
    await page.get_by_role("searchbox", name="Search chats").fill("no such words")
    await expect(page.get_by_text("Nothing found for “no such words”.")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(item(page, "Nothing")).to_be_visible()


async def test_a_chat_is_exported_as_markdown_and_as_json(page: Page, tmp_path: Path) -> None:
    await begin(page, "echo: **bold**")
    for choice, suffix in (("Export as Markdown", ".md"), ("Export as JSON", ".json")):
        async with page.expect_download() as download:
            await choose(page, "Bold", choice)
        file = await download.value
        assert file.suggested_filename.endswith(suffix)
        await file.save_as(tmp_path / f"export{suffix}")
    assert "**bold**" in (tmp_path / "export.md").read_text()
    assert len(json.loads((tmp_path / "export.json").read_text())["messages"]) == 2


async def test_the_instructions_of_a_chat_are_kept(page: Page, program: Program) -> None:
    await begin(page, "echo: teach")
    await choose(page, "Teach", "Instructions")
    await page.get_by_role("textbox", name=re.compile("What the model is told")).fill("Be brief.")
    async with page.expect_response(lambda answer: answer.request.method == "PATCH" and answer.ok):
        await page.get_by_role("button", name="Save").click()
    await page.reload()
    await choose(page, "Teach", "Instructions")
    await expect(page.get_by_role("textbox", name=re.compile("What the model is told"))).to_have_value("Be brief.")
    kept = await page.evaluate(
        "fetch('/api' + location.pathname.replace('/c/', '/conversations/')).then(r => r.json())"
    )
    assert kept["conversation"]["system_prompt"] == "Be brief."
    assert program.url in page.url


async def test_a_new_chat_can_be_instructed_before_its_first_message(page: Page) -> None:
    """They are there after a reload, go with the first message, and are not the next chat's."""
    told = page.get_by_role("textbox", name=re.compile("What the model is told"))
    await page.get_by_role("button", name="Add instructions for this chat").click()
    await told.fill("Be brief.")
    await page.get_by_role("button", name="Save").click()
    await page.reload()
    await expect(page.get_by_role("button", name="Instructions Be brief.")).to_be_visible()
    await ask(page, "echo: taught")
    await is_complete(page)
    await choose(page, "Taught", "Instructions")
    await expect(told).to_have_value("Be brief.")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="New chat").click()
    await expect(page.get_by_role("button", name="Add instructions for this chat")).to_be_visible()


async def test_a_chat_that_answers_is_marked_and_then_marked_unseen_until_it_is_looked_at(page: Page) -> None:
    await ask(page, "count 400")
    await grows_beyond(page, 20)
    await page.get_by_role("button", name="New chat").click()
    chat = item(page, re.compile("count", re.IGNORECASE))
    await expect(chat.get_by_text("answering")).to_be_attached()
    await expect(chat.get_by_text("new answer")).to_be_attached(timeout=30_000)
    await page.reload()
    await expect(chat.get_by_text("new answer")).to_be_attached()
    await chat.get_by_role("link").click()
    await expect(chat.get_by_text("new answer")).to_have_count(0)
    await page.reload()
    await expect(chat).to_be_visible()
    await expect(chat.get_by_text("new answer")).to_have_count(0)


async def test_two_tabs_show_the_same_list_and_the_same_answer(page: Page, context: BrowserContext) -> None:
    """What is asked in one tab is written in the other; a name that is given there is read here."""
    await begin(page, "echo: shared")
    other = await context.new_page()
    await other.goto(page.url)
    await expect(other.locator(ANSWER)).to_have_text("shared")
    await ask(page, "count 250")
    await grows_beyond(other, 100)
    await is_complete(other)
    await expect(other.locator(ANSWER).last).to_have_text(numbered(250))
    assert await answer(page) == numbered(250)
    await rename(other, "Shared", "Seen by both")
    await expect(item(page, "Seen by both")).to_be_visible()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Seen by both")


async def test_another_device_follows_without_a_reload(page: Page, device: Page) -> None:
    """Another browser shares nothing with this one but the server."""
    await begin(page, "echo: far away")
    await device.goto(page.url)
    await expect(device.locator(ANSWER)).to_have_text("far away")
    await ask(page, "echo: and near")
    await expect(device.locator(ANSWER).last).to_have_text("and near", timeout=20_000)
    await choose(device, "Away", "Delete")
    await expect(item(page, "Away")).to_have_count(0, timeout=20_000)


async def test_a_name_that_cannot_be_given_is_taken_back(page: Page) -> None:
    await begin(page, "echo: stable")

    async def refuse(route: Route) -> None:
        await (route.fulfill(status=503) if route.request.method == "PATCH" else route.continue_())

    await page.route("**/api/conversations/*", refuse)
    await choose(page, "Stable", "Rename")
    await page.get_by_role("textbox", name="Title").fill("Lost")
    async with page.expect_response(lambda response: response.request.method == "PATCH"):
        await page.keyboard.press("Enter")
    await expect(item(page, "Stable")).to_be_visible()
    await expect(item(page, "Lost")).to_have_count(0)
