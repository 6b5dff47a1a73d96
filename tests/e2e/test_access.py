"""The page for everyone: by keyboard alone, by ear, magnified, on a narrow screen, and without motion."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect

from e2e.reading import ANSWER, ask, choose_model, grows_beyond, is_complete

pytestmark = pytest.mark.e2e

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def faults_of(page: Page) -> list[str]:
    """Give what axe finds in the theme that is on.

    What lies half under an open menu is not counted as too small: the menu closes on a press anywhere.
    """
    # What fades in has the wrong contrast until it is there.
    await page.evaluate("() => Promise.all(document.getAnimations().map((motion) => motion.finished.catch(() => 0)))")
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = await page.evaluate(
        "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})", RULES
    )
    return [
        f"{violation['id']}: {node['html'][:200]} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
        if not (violation["id"] == "target-size" and await page.locator(".menu[open]").count())
    ]


async def empty(_page: Page) -> None:
    """Nothing was asked yet."""


async def rich_answer(page: Page) -> None:
    """Markdown of every kind, with its figures."""
    await choose_model(page, "profile-async-filter")
    await ask(page, "show markdown")
    await is_complete(page)


async def thoughts(page: Page) -> None:
    """Reasoning, unfolded."""
    await choose_model(page, "thinks")
    await ask(page, "echo: hm")
    await is_complete(page)
    await page.locator(".reasoning summary").click()


async def waiting(page: Page) -> None:
    """Nothing came yet, and the next message waits already."""
    await choose_model(page, "silent")
    await ask(page, "count 3")
    await ask(page, "echo: next")
    await expect(page.get_by_role("textbox", name="Waiting message 1")).to_be_visible()


async def failed(page: Page) -> None:
    """An error with its next step."""
    await choose_model(page, "wrong-key")
    await ask(page, "count 3")
    await expect(page.get_by_role("alert")).to_be_visible()


async def stopped(page: Page) -> None:
    """A receipt."""
    await ask(page, "count 5000")
    await grows_beyond(page, 20)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Continue")).to_be_enabled()


async def edited(page: Page) -> None:
    """A sent message in its editor, which is a branch of another."""
    await ask(page, "echo: one")
    await is_complete(page)
    await page.get_by_role("button", name="Regenerate the answer").click()
    await expect(page.get_by_role("group", name="Version 2 of 2")).to_be_visible()
    await page.get_by_role("textbox", name="Message", exact=True).press("ArrowUp")
    await expect(page.get_by_role("textbox", name="Edit the message")).to_be_visible()


async def models(page: Page) -> None:
    """The model picker, open."""
    await ask(page, "echo: one")
    await is_complete(page)
    await page.locator("summary[aria-label^='Model:']").click()


async def keys(page: Page) -> None:
    """The list of the keys."""
    await page.evaluate("() => document.activeElement.blur()")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()


async def renaming(page: Page) -> None:
    """The dialog for a new title."""
    await ask(page, "echo: one")
    await is_complete(page)
    await page.locator(".chat-more summary").first.click()
    await page.get_by_role("menuitem", name="Rename").click()
    await expect(page.get_by_role("dialog", name="Rename chat")).to_be_visible()


async def searching(page: Page) -> None:
    """Found chats, with the words marked."""
    await ask(page, "echo: a heron by the water")
    await is_complete(page)
    await page.keyboard.press("Control+Shift+F")
    await page.keyboard.type("heron")
    await expect(page.get_by_role("region", name="Found chats")).to_be_visible()


async def instructing(page: Page) -> None:
    """The dialog for what the model is told."""
    await ask(page, "echo: one")
    await is_complete(page)
    await page.locator(".chat-more summary").first.click()
    await page.get_by_role("menuitem", name="Instructions").click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def deleted(page: Page) -> None:
    """The offer to undo."""
    await ask(page, "echo: one")
    await is_complete(page)
    await page.locator(".chat-more summary").first.click()
    await page.get_by_role("menuitem", name="Delete").click()
    await expect(page.get_by_role("button", name="Undo")).to_be_visible()


async def settings(page: Page) -> None:
    """The settings."""
    await page.get_by_role("button", name="Settings", exact=True).click()
    await expect(page.get_by_role("dialog", name="Settings")).to_be_visible()


async def total(page: Page) -> None:
    """What a chat took, and a file that waits for the next message."""
    await ask(page, "echo: one")
    await is_complete(page)
    await page.locator("input[type=file]").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"words"}
    )
    await expect(page.get_by_role("region", name="Attached files")).to_be_visible()
    await page.get_by_role("button", name="This chat took").click()
    await expect(page.locator("#chat-total-panel")).to_be_visible()


VIEWS: list[Callable[[Page], Awaitable[None]]] = [
    empty,
    rich_answer,
    thoughts,
    waiting,
    failed,
    stopped,
    edited,
    models,
    keys,
    renaming,
    searching,
    instructing,
    deleted,
    settings,
    total,
]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
async def test_axe_finds_nothing_and_nothing_is_cut_off(page: Page, view: Callable[[Page], Awaitable[None]]) -> None:
    """Every view in light and dark, and 320 pixels wide, which is 1280 at 400 %."""
    await page.emulate_media(reduced_motion="reduce")
    await view(page)
    assert await faults_of(page) == [], "light"
    await page.emulate_media(color_scheme="dark")
    assert await faults_of(page) == [], "dark"
    await page.set_viewport_size({"width": 320, "height": 640})
    assert await faults_of(page) == [], "320 pixels wide"
    assert await cut_off(page) == []


async def cut_off(page: Page) -> list[str]:
    """Give what stands outside of the window, and the controls that do; what has a scroller of its own is reached."""
    return await page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter((thing) => thing.checkVisibility({visibilityProperty: true}) && thing.children.length === 0)
            .filter((thing) => !thing.closest(".code, .table, pre, .math, .visually-hidden, .sidebar"))
            .filter((thing) => {
                const {left, right, width} = thing.getBoundingClientRect();
                return width > 0 && (right > innerWidth + 1 || left < -1);
            })
            .map((thing) => thing.outerHTML.slice(0, 160))"""
    )


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of that name has the focus, as a person would."""
    for _ in range(60):
        focused = await page.evaluate(
            "() => document.activeElement.ariaLabel ?? document.activeElement.textContent.trim()"
        )
        if focused.startswith(name):
            return
        await page.keyboard.press("Tab")
    pytest.fail(f"{name} cannot be reached by Tab")


async def test_a_whole_conversation_by_keyboard_alone(page: Page) -> None:
    """Choose a model, ask, stop, continue, edit, switch back, copy, begin another: no mouse."""
    box = page.get_by_role("textbox", name="Message", exact=True)
    await expect(box).to_be_focused()
    await page.keyboard.type("count 120")
    await page.keyboard.press("Enter")
    await grows_beyond(page, 30)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Continue")).to_be_enabled()
    await page.locator("body").focus()
    await tab_to(page, "Continue")
    await page.keyboard.press("Enter")
    await is_complete(page)
    await expect(box).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Control+a")
    await page.keyboard.type("show markdown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("group", name="Version 2 of 2")).to_be_visible()
    await is_complete(page)
    await expect(page.get_by_role("status")).to_contain_text("Reply complete")
    await expect(page.locator("[data-copy-code]").last).to_be_attached()
    await page.keyboard.press("Control+Shift+;")
    await expect(page.get_by_role("status")).to_contain_text("Copied")
    await tab_to(page, "Earlier version")
    await page.keyboard.press("Enter")
    await expect(page.locator(ANSWER)).to_contain_text("⟨120⟩")
    await page.keyboard.press("Control+Shift+O")
    await expect(page.get_by_role("heading", name="What shall we work on?")).to_be_visible()
    await expect(box).to_be_focused()


async def test_the_keys_go_where_they_should(page: Page) -> None:
    """`/` to the box, `?` to the list, and neither while somebody writes."""
    box = page.get_by_role("textbox", name="Message", exact=True)
    await box.fill("a")
    await page.keyboard.type("/?")
    await expect(box).to_have_value("a/?")
    await page.locator("main").click(position={"x": 5, "y": 300})
    await page.evaluate("() => document.activeElement.blur()")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.evaluate("() => document.activeElement.blur()")
    await page.keyboard.press("/")
    await expect(box).to_be_focused()
    await expect(box).to_have_value("a/?")


async def test_enter_that_ends_an_input_methods_word_sends_nothing(page: Page, context: BrowserContext) -> None:
    """Who writes Japanese presses Enter to take a word."""
    box = page.get_by_role("textbox", name="Message", exact=True)
    await box.focus()
    protocol = await context.new_cdp_session(page)
    await protocol.send("Input.imeSetComposition", {"text": "にほん", "selectionStart": 3, "selectionEnd": 3})
    await box.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    await box.dispatch_event("keydown", {"key": "Enter", "keyCode": 229, "bubbles": True})
    await protocol.send("Input.insertText", {"text": "日本"})
    await expect(box).to_have_value("日本")
    await expect(page.locator("article")).to_have_count(0)
    await box.press("Enter")
    await expect(page.locator("article.question")).to_contain_text("日本")


async def test_a_listener_hears_that_a_reply_began_and_that_it_is_complete(page: Page) -> None:
    """Once each, and never the text of it; the focus stays where it was."""
    await page.evaluate(
        """() => {
            window.heard = [];
            const region = document.querySelector("[role=status]");
            new MutationObserver(() => window.heard.push(region.textContent.trim()))
                .observe(region, {childList: true, characterData: true, subtree: true});
        }"""
    )
    await ask(page, "count 60")
    await is_complete(page)
    await expect(page.get_by_role("status")).to_have_text("Reply complete")
    assert await page.evaluate("() => window.heard.filter((words) => words !== '')") == [
        "The assistant is replying",
        "Reply complete",
    ]
    await expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_focused()
    assert await page.locator("[aria-live]:not([aria-live=off]), [role=log]").count() == 0
    headings = page.locator("article").get_by_role("heading", level=2)
    assert await headings.all_inner_texts() == ["You asked", "gpt-5.4-mini-2026-03-17 answered"]


async def test_without_motion_nothing_moves(page: Page) -> None:
    """Who asked for less motion sees blocks appear, and no animation at all."""
    await page.emulate_media(reduced_motion="reduce")
    await ask(page, "count 200")
    await grows_beyond(page, 60)
    moving = await page.evaluate(
        "() => document.getAnimations().filter((motion) => motion.playState === 'running').length"
    )
    assert moving == 0
