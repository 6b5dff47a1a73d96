"""A real Chromium on a real server on the real emulator.

Starting a server costs more than most tests here: all share one, in which nothing is left when a test begins.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from support.programs import Program, emulator, server

expect.set_options(timeout=20_000)  # a busy machine is not a broken page

MODELS = (
    "gpt-5.4-mini",
    "fault-stall-first",
    "fault-stall-middle",
    "fault-drip;ms=0",
    "profile-async-filter;token_ms=1;first_ms=1",
    "wrong-key=fault-401",
    "no-deployment=fault-404",
    "slow-down=fault-429-seconds;seconds=3000",
    "too-long=fault-context-length",
    "blocked-prompt=fault-filter-classic",
    "blocked-answer=fault-filter-inline;after=5",
    "cut=fault-cut-fin;at=6000",
    "silent=fault-stall-first",
    "thinks=deepseek-r1",
    "in-bursts=profile-azure-default;first_ms=1",
)
"""The first ones by the emulator's names for them; the others as a person would name what they stand for."""
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def browser_path() -> str | None:
    """Give the browser on this machine, None to let Playwright use its own."""
    named = os.environ.get("PENSTOCK_CHROMIUM")
    return named or next((path for path in map(shutil.which, NAMES) if path), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let all tests here share one event loop: the browser belongs to it, and starting one per test costs more."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Program]:
    """The emulator with smooth tokens."""
    program = emulator(tmp_path_factory.mktemp("service"), "async-filter")
    await program.start(ready="/emulator/stats")
    yield program
    await asyncio.to_thread(program.close)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_program(tmp_path_factory: pytest.TempPathFactory, service: Program) -> AsyncIterator[Program]:
    """The server on that emulator."""
    started = server(tmp_path_factory.mktemp("server"), service, *MODELS)
    await started.start()
    yield started
    await asyncio.to_thread(started.close)


@pytest_asyncio.fixture(loop_scope="session")
async def program(shared_program: Program) -> Program:
    """The server without a conversation. A test may kill it and start it again."""
    if not shared_program.is_running:
        await shared_program.start()
    async with aiohttp.ClientSession(shared_program.url, raise_for_status=True) as client:
        while await delete_newest(client):
            pass
    return shared_program


async def delete_newest(client: aiohttp.ClientSession) -> bool:
    """Delete the newest conversations, which stops what is written in them; False when there were none."""
    listed = await client.get("/api/conversations")
    ids = [conversation["id"] for conversation in (await listed.json())["conversations"]]
    for conversation_id in ids:
        await client.delete(f"/api/conversations/{conversation_id}")
    return bool(ids)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A Chromium."""
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=browser_path(), args=arguments)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A person's browser profile; fails the test when the page throws or logs an error."""
    made = await browser.new_context(viewport={"width": 1280, "height": 860})
    faults: list[str] = []
    made.on("weberror", lambda error: faults.append(str(error.error)))
    yield made
    await made.close()
    assert not faults, faults


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, program: Program) -> Page:
    """The page, open."""
    opened = await context.new_page()
    await opened.goto(program.url)
    return opened


@pytest_asyncio.fixture(loop_scope="session")
async def device(browser: Browser) -> AsyncIterator[Page]:
    """A page of another browser profile: nothing of the first one's storage is there."""
    made = await browser.new_context(viewport={"width": 1280, "height": 860})
    yield await made.new_page()
    await made.close()
