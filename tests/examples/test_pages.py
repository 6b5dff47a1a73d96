"""The example pages in a real browser: an answer, Stop, and a reload in mid-answer."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Page, expect

from support import node
from support.api import Api
from support.browser import chromium
from support.programs import Program, free_port

PATIENCE_MS = 20_000


@asynccontextmanager
async def opened(examples: Path, program: Program, folder: str) -> AsyncIterator[Page]:
    """Serve an example as its README says, and open it; fails when the page throws or logs an error."""
    await asyncio.to_thread(node.install, examples / folder)
    port = free_port()
    vite = await asyncio.create_subprocess_exec(
        node.BINARIES / "node",
        "node_modules/vite/bin/vite.js",
        *("--host", "127.0.0.1", "--port", str(port), "--strictPort"),
        cwd=examples / folder,
        env={**node.environment(), "PENSTOCK_URL": program.url},
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(30):
            while not await answers(f"http://127.0.0.1:{port}/"):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
        async with chromium() as browser:
            page = await browser.new_page()
            faults: list[str] = []
            page.on("pageerror", lambda error: faults.append(str(error)))
            await page.goto(f"http://127.0.0.1:{port}/")
            yield page
            assert not faults, faults
    finally:
        vite.terminate()
        await vite.wait()


async def answers(url: str) -> bool:
    """Whether the development server is there."""
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


async def ask(page: Page, text: str) -> None:
    await page.get_by_placeholder("Ask something").fill(text)
    await page.get_by_role("button", name="Send").click()


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"⟨(\d+)⟩", text)]


async def answer_and_stop(page: Page, sign: str) -> list[int]:
    """Let the page answer once whole and once stopped, where it shows the ``sign``; gives what the latter shows."""
    newest = page.locator(".assistant").nth(0)
    await ask(page, "count 40")
    await expect(newest).to_contain_text("40 tokens", timeout=PATIENCE_MS)
    assert numbers(await newest.inner_text()) == list(range(1, 41))

    newest = page.locator(".assistant").nth(1)
    await ask(page, "count 2000")
    await expect(newest).to_contain_text("⟨30⟩", timeout=PATIENCE_MS)
    await page.get_by_role("button", name="Stop").click()
    await expect(newest).to_contain_text(sign, timeout=PATIENCE_MS)
    stopped = numbers(await newest.inner_text())
    assert 30 <= len(stopped) < 2000
    assert stopped == list(range(1, len(stopped) + 1))
    return stopped


@pytest.mark.e2e
async def test_use_chat_answers_stops_and_comes_back(examples: Path, program: Program):
    async with opened(examples, program, "react-use-chat") as page:
        stopped = await answer_and_stop(page, "Stopped.")
        async with Api(program.url) as api:
            kept = await api.get(f"/api/conversations/{page.url.partition('#')[2]}")
        assert kept["active_run"] is None
        assert numbers(json.dumps(kept["messages"][-1], ensure_ascii=False)) == stopped

        newest = page.locator(".assistant").nth(2)
        await ask(page, "count 300")
        await expect(newest).to_contain_text("⟨30⟩", timeout=PATIENCE_MS)
        await page.reload()
        await expect(newest).to_contain_text("300 tokens", timeout=PATIENCE_MS)
        assert numbers(await newest.inner_text()) == list(range(1, 301))
        assert await page.locator(".assistant").count() == 3


@pytest.mark.e2e
async def test_use_chat_of_version_4_answers_and_stops(examples: Path, program: Program):
    async with opened(examples, program, "use-chat-v4") as page:
        await answer_and_stop(page, "stopped")
