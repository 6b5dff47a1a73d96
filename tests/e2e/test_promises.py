"""Sending, waiting and coming back: nothing is lost, nothing is doubled, and the page is never a dead screen."""

from __future__ import annotations

import asyncio
import json
import re
import signal

import pytest
from playwright.async_api import BrowserContext, Page, Route, expect

from e2e.reading import ANSWER, answer, ask, choose_model, grows_beyond, is_complete, numbered
from support.programs import Program

pytestmark = pytest.mark.e2e


async def test_a_message_is_there_before_the_network_answers_and_is_sent_once(page: Page) -> None:
    """However often Enter is pressed meanwhile."""
    may_go = asyncio.Event()
    sent: list[str] = []

    async def hold(route: Route) -> None:
        sent.append(route.request.post_data or "")
        await may_go.wait()
        await route.continue_()

    await page.route("**/messages", hold)
    await ask(page, "echo: held")
    await expect(page.locator("article.question")).to_contain_text("echo: held")
    await expect(page.locator(".stage")).to_contain_text("Sending")
    await expect(page.get_by_role("button", name="Stop the answer")).to_be_visible()
    for _ in range(5):
        await page.keyboard.press("Enter")
    may_go.set()
    await expect(page.locator(ANSWER)).to_have_text("held")
    assert len(sent) == 1


async def test_the_stage_is_named_with_its_time_until_the_first_token(page: Page) -> None:
    """A silent service is not a dead page."""
    await choose_model(page, "fault-stall-first")
    await ask(page, "count 3")
    await expect(page.locator(".stage")).to_contain_text(re.compile(r"Waiting for the first words\s*\d+ s"))


async def test_drafts_belong_to_their_chat_and_survive_a_reload(page: Page) -> None:
    """What was typed and not sent is there again, in the chat in which it was typed."""
    box = page.get_by_role("textbox", name="Message", exact=True)
    await ask(page, "echo: one")
    await is_complete(page)
    await box.fill("half a thought")
    await page.keyboard.press("Control+Shift+O")
    await expect(box).to_have_value("")
    await box.fill("another")
    await page.go_back()
    await expect(box).to_have_value("half a thought")
    await page.reload()
    await expect(box).to_have_value("half a thought")
    await page.goto(page.url.split("/c/")[0])
    await expect(box).to_have_value("another")


async def test_what_is_on_its_way_is_not_written_twice(page: Page) -> None:
    """Who looks at another chat and comes back finds the message sent, and the box empty."""
    may_go = asyncio.Event()

    async def hold(route: Route) -> None:
        await may_go.wait()
        await route.continue_()

    await page.route("**/messages", hold)
    await ask(page, "echo: once")
    await page.keyboard.press("Control+Shift+O")
    await expect(page.get_by_role("heading", name="What shall we work on?")).to_be_visible()
    await page.go_back()
    await expect(page.locator("article.question")).to_contain_text("echo: once")
    await expect(page.get_by_role("textbox", name="Message", exact=True)).to_have_value("")
    may_go.set()
    await expect(page.locator(ANSWER)).to_have_text("once")


async def test_a_send_whose_answer_was_lost_is_retried_as_the_same_message(page: Page) -> None:
    """The network broke after the server had it: one question, one answer."""

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort("connectionreset")

    await page.route("**/messages", lose, times=1)
    await ask(page, "echo: once")
    await expect(page.get_by_text("Not sent.")).to_be_visible()
    await page.get_by_role("button", name="Retry").click()
    await expect(page.locator(ANSWER)).to_have_text("once")
    await page.reload()
    await expect(page.locator(ANSWER)).to_have_text("once")
    await expect(page.locator("article")).to_have_count(2)


async def test_a_stop_reaches_a_message_whose_answer_was_lost(page: Page) -> None:
    """It was stopped before the page heard that the server had it: it is not sent again, and nothing is written on."""
    arrived, stopped = asyncio.Event(), asyncio.Event()

    async def lose(route: Route) -> None:
        await route.fetch()
        arrived.set()
        await stopped.wait()
        await route.abort("connectionreset")

    await page.route("**/messages", lose, times=1)
    await ask(page, "count 9000")
    await arrived.wait()
    await page.get_by_role("button", name="Stop the answer").click()
    stopped.set()
    await expect(page.get_by_text("Upstream closed in")).to_be_visible()
    text = await answer(page)
    await page.reload()
    await is_complete(page)
    assert await answer(page) == text
    await expect(page.locator("article")).to_have_count(2)


async def test_a_reload_before_the_server_has_answered_leaves_nothing_in_the_box(page: Page) -> None:
    """The message was sent; what came back of it was lost with the page."""
    arrived = asyncio.Event()

    async def lose(route: Route) -> None:
        await route.fetch()
        arrived.set()

    await page.route("**/messages", lose)
    await ask(page, "echo: once")
    await arrived.wait()
    await page.reload()
    await expect(page.locator(ANSWER)).to_have_text("once")
    await expect(page.get_by_role("textbox", name="Message", exact=True)).to_have_value("")
    await expect(page.locator("article")).to_have_count(2)


async def test_a_conversation_that_was_read_as_its_run_began_shows_the_answer(page: Page) -> None:
    """The question is there and the run is not: asking again, unasked, shows it."""
    await ask(page, "count 120")
    await grows_beyond(page, 20)

    async def forget(route: Route) -> None:
        response = await route.fetch()
        body = await response.json()
        await route.fulfill(response=response, json=body | {"active_run": None, "messages": body["messages"][:1]})

    await page.route("**/api/conversations/conv_*", forget, times=1)
    await page.reload()
    await is_complete(page)
    assert await answer(page) == numbered(120)


async def test_a_conversation_that_was_not_there_yet_is_shown_once_it_is(page: Page) -> None:
    """A reload may be faster than the message that begins the conversation."""
    await ask(page, "count 120")
    await grows_beyond(page, 20)
    problem = {"code": "not_found", "detail": "There is no such conversation.", "status": 404}

    async def refuse(route: Route) -> None:
        await route.fulfill(status=404, json=problem)

    await page.route("**/api/conversations/conv_*", refuse, times=1)
    await page.reload()
    await is_complete(page)
    assert await answer(page) == numbered(120)


async def test_a_reader_of_streams_that_could_not_be_loaded_is_loaded_again(
    page: Page, context: BrowserContext
) -> None:
    """The worker's script may fail to come, as everything may."""
    await ask(page, "count 200")
    await grows_beyond(page, 20)
    refused: list[str] = []

    async def refuse(route: Route) -> None:
        refused.append(route.request.url)
        await route.abort()

    await context.route("**/assets/follow-worker-*", refuse, times=1)
    await page.reload()
    await is_complete(page)
    assert await answer(page) == numbered(200)
    assert len(refused) == 1


async def test_a_server_that_shuts_down_loses_no_message(page: Page, program: Program, context: BrowserContext) -> None:
    """The running answer is kept with its reason; what is sent meanwhile goes out after the restart."""
    await ask(page, "count 5000")
    await grows_beyond(page, 60)
    other = await context.new_page()
    await other.goto(program.url)
    program.signal(signal.SIGTERM)
    await asyncio.to_thread(program.wait)
    await ask(other, "echo: later")
    await expect(other.get_by_text("Not sent.")).to_be_visible()
    await program.start()
    await other.get_by_role("button", name="Retry").click()
    await expect(other.locator(ANSWER)).to_have_text("later")
    await expect(page.get_by_text("The server was shut down")).to_be_visible(timeout=20_000)
    assert (await answer(page)).startswith("⟨1⟩")


async def test_a_draining_server_is_explained_and_counts_down(page: Page) -> None:
    """Its own words, and when to try again."""
    problem = {"code": "unavailable", "detail": "The server is shutting down. Try again in a moment.", "status": 503}

    async def refuse(route: Route) -> None:
        headers = {"Retry-After": "120", "Content-Type": "application/problem+json"}
        await route.fulfill(status=503, headers=headers, body=json.dumps(problem))

    await page.route("**/messages", refuse, times=1)
    await ask(page, "echo: patient")
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("The server takes no new work right now")
    await expect(alert).to_contain_text("The server is shutting down.")
    await page.get_by_role("button", name=re.compile(r"Retry \(in \d+")).click()
    await expect(page.locator(ANSWER)).to_have_text("patient")


async def test_tools_sources_steps_and_refusals_are_shown(page: Page) -> None:
    """What the model called with what, what came back, what it stands on, and what it declined."""
    await ask(page, "echo: base")
    await is_complete(page)
    parts = [
        {"type": "tool-call", "tool_call_id": "t", "name": "weather", "state": "done", "input": {"city": "Graz"}},
        {"type": "text", "part_id": "a", "text": "It rains."},
        {"type": "source", "source_id": "s", "kind": "url", "url": "https://example.org/w", "title": "The weather"},
        {"type": "source", "source_id": "x", "kind": "url", "url": "javascript:alert(1)", "title": "Not a link"},
        {"type": "refusal", "part_id": "r", "text": "I cannot say more."},
    ]
    parts[0]["output"] = {"rain": True}  # pyright: ignore[reportArgumentType] - JSON
    steps = [{"type": "progress", "stage": "searching", "state": "finished", "detail": "3 hits", "duration_ms": 240}]

    async def enrich(route: Route) -> None:
        response = await route.fetch()
        body = await response.json()
        body["messages"][-1] |= {"parts": parts, "progress": steps}
        await route.fulfill(response=response, json=body)

    await page.route("**/api/conversations/conv_*", enrich)
    await page.reload()
    shown = page.locator("article.answer")
    await shown.get_by_text("weather", exact=True).click()
    for words in ("Input", "Graz", "Output", '"rain": true'):
        await expect(shown.locator(".tool")).to_contain_text(words)
    await shown.get_by_text("1 step").click()
    await expect(shown.get_by_text("Searching: 3 hits")).to_be_visible()
    await expect(shown.get_by_text("240 ms")).to_be_visible()
    await expect(shown.get_by_role("link", name="The weather")).to_have_attribute("href", "https://example.org/w")
    await expect(shown.get_by_role("link", name="Not a link")).to_have_count(0)
    await expect(shown.get_by_text("The model declined")).to_be_visible()
    await expect(shown).to_contain_text("I cannot say more.")


async def test_two_tabs_show_the_same_conversation(page: Page, context: BrowserContext) -> None:
    """What is asked in one is there in the other when somebody looks at it."""
    await ask(page, "echo: first")
    await is_complete(page)
    other = await context.new_page()
    await other.goto(page.url)
    await expect(other.locator(ANSWER)).to_have_text("first")
    await ask(other, "count 200")
    await grows_beyond(other, 60)
    await page.bring_to_front()
    await page.evaluate("() => window.dispatchEvent(new Event('focus'))")
    await expect(page.locator("article")).to_have_count(4)
    await is_complete(page)
    await is_complete(other)
    assert await answer(page) == await answer(other)
