"""Long answers and long conversations: a piece of text costs the same however much is there already."""

from __future__ import annotations

import itertools
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from e2e.conftest import MODELS
from e2e.reading import ask, choose_model, is_complete
from support.long_conversation import add_conversation
from support.programs import Program

pytestmark = pytest.mark.e2e

COUNT = 1000
FAST = "profile-async-filter"
BLOCKS = (
    "## A heading of block {0}",
    "A paragraph with **bold words**, *others*, `code` and a [link](https://example.org/{0}) that goes on for a line.",
    "- one thing of {0}\n- another with **weight**\n- and a third",
    "```python\ndef number_{0}() -> int:\n    return {0}\n```",
    "| name | value |\n|---|--:|\n| a | {0} |\n| b | 2 |",
)

COUNT_WORK = """
() => {
  const work = { records: 0, added: 0, outside: [] };
  const column = document.querySelector(".transcript-column");
  new MutationObserver((records) => {
    const newest = [...document.querySelectorAll("article")].at(-1);
    for (const record of records) {
      work.records += 1;
      work.added += record.addedNodes.length;
      const isOutside = newest !== undefined && record.target.isConnected && !newest.contains(record.target);
      if (isOutside) work.outside.push(record.target.outerHTML?.slice(0, 80));
    }
  }).observe(column, { subtree: true, childList: true, characterData: true, attributes: true });
  window.work = work;
}
"""
"""Counts what changes in the messages from now on, and what of it is not in the newest one."""

COUNT_ELSEWHERE = """
(count) => {
  const known = new Set([...document.querySelectorAll("article")].slice(0, count));
  window.elsewhere = new Set();
  new MutationObserver((records) => {
    for (const { target, attributeName, type } of records) {
      if (known.has(target.parentElement?.closest("article"))) window.elsewhere.add(attributeName ?? type);
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
}
"""
"""Names what changes from now on in the messages that are there already."""

IS_AT_END = """
() => {
  const { scrollHeight, clientHeight, scrollTop } = document.querySelector(".transcript");
  return scrollHeight - clientHeight - scrollTop < 4;
}
"""

REMEMBER_FIRST_PAINT = """
new MutationObserver((_records, observer) => {
  if (document.querySelector("article") === null) return;
  observer.disconnect();
  requestAnimationFrame(() => { window.firstArticles = document.querySelectorAll("article").length; });
}).observe(document, { subtree: true, childList: true });
"""


def markdown(blocks: int) -> str:
    """Give an answer of so many blocks, of every kind in turn."""
    return "\n\n".join(itertools.islice(itertools.cycle(BLOCKS), blocks)).format(7)


@pytest_asyncio.fixture(loop_scope="session")
async def long_chat(context: BrowserContext, program: Program) -> Page:
    """A conversation of a thousand messages, open."""
    name = f"long-{uuid4().hex}"
    add_conversation(program.log.parent / "data" / "penstock.db", name=name, count=COUNT)
    page = await context.new_page()
    await page.add_init_script(REMEMBER_FIRST_PAINT)
    await page.goto(f"{program.url}/c/{name}")
    await expect(page.get_by_text(f"needle-{COUNT - 2}.")).to_be_visible()
    return page


async def has_all(page: Page) -> None:
    """Wait until the oldest message is there too, and code has its colours, which are loaded when first needed."""
    await page.wait_for_function("(count) => document.querySelectorAll('article').length === count", arg=COUNT)
    await expect(page.locator("code[data-language]:not([data-coloured])")).to_have_count(0)


async def test_the_newest_messages_are_painted_first_and_all_come(long_chat: Page) -> None:
    assert 30 <= await long_chat.evaluate("() => window.firstArticles") <= 50
    await has_all(long_chat)
    await long_chat.wait_for_function(IS_AT_END)


async def test_an_opened_conversation_is_asked_for_once_and_before_the_page_has_run(
    context: BrowserContext, program: Program
) -> None:
    add_conversation(program.log.parent / "data" / "penstock.db", name="long", count=COUNT)
    page = await context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(program.url)))
    await page.goto(f"{program.url}/c/long")
    await expect(page.get_by_text(f"needle-{COUNT - 2}.")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    assert asked.count("/api/conversations/long") == 1
    assert sum("/markdown-text-" in path for path in asked) == 1
    assert asked.index("/api/conversations/long") < asked.index("/api/conversations")
    assert asked.index("/api/conversations/long") < next(
        place for place, path in enumerate(asked) if path.startswith("/assets/index-")
    )


async def test_find_in_page_sees_the_oldest_message(long_chat: Page) -> None:
    await has_all(long_chat)
    assert await long_chat.evaluate("() => window.find('needle-0.', false, false, true)")
    assert await long_chat.evaluate("() => getSelection().toString()") == "needle-0."


async def test_an_answer_in_a_long_conversation_changes_nothing_but_itself(long_chat: Page) -> None:
    await has_all(long_chat)
    await ask(long_chat, "count 5000")
    await long_chat.wait_for_function("() => document.querySelector('.answer-live .prose')?.innerText.length > 40")
    await long_chat.evaluate(COUNT_WORK)
    await long_chat.wait_for_function("() => window.work.records > 100")
    assert await long_chat.evaluate("() => window.work.outside") == []
    await long_chat.keyboard.press("Escape")


async def test_a_turn_in_a_long_conversation_only_holds_the_buttons_of_the_others(long_chat: Page) -> None:
    await has_all(long_chat)
    await choose_model(long_chat, FAST)
    await long_chat.evaluate(COUNT_ELSEWHERE, COUNT)
    await ask(long_chat, "echo: a word")
    await is_complete(long_chat)
    assert await long_chat.evaluate("() => [...window.elsewhere]") == ["disabled"]


async def test_a_menu_that_is_closed_has_no_items(long_chat: Page) -> None:
    await has_all(long_chat)
    menus = long_chat.locator(".regenerate-with")
    await expect(menus).to_have_count(COUNT // 2)
    await expect(menus.locator("[role^=menuitem]")).to_have_count(0)
    await menus.last.locator("summary").click()
    await expect(menus.last.locator("[role^=menuitem]")).to_have_count(len(MODELS))


async def test_a_piece_of_text_costs_the_same_late_in_an_answer_as_early(page: Page, program: Program) -> None:
    costs = []
    for blocks in (12, 36):
        await page.goto(program.url)
        await choose_model(page, FAST)
        await ask(page, "echo: begin")
        await is_complete(page)
        await page.evaluate(COUNT_WORK)
        await ask(page, f"echo: {markdown(blocks)}")
        await page.wait_for_function("() => document.querySelectorAll('article footer').length === 2", timeout=60_000)
        costs.append(await page.evaluate("() => window.work.added"))
    assert costs[1] <= 3.6 * costs[0], costs
