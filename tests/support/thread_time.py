"""What an answer costs a page's main thread, in time of that thread: other programs hardly add to it."""

from __future__ import annotations

import asyncio

from playwright.async_api import CDPSession, Page

from support.paced_service import RATE

ENDED = "(count) => document.querySelectorAll('article.answer footer').length >= count"


async def spent(session: CDPSession) -> dict[str, float]:
    """Give the browser's counters of this page."""
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return {metric["name"]: metric["value"] for metric in metrics}


async def cost(page: Page, tokens: int) -> dict[str, int]:
    """Ask for so many tokens; gives milliseconds of thread time."""
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    count = await page.locator("article.answer").count()
    await page.get_by_role("textbox", name="Message", exact=True).fill(str(tokens))
    before = await spent(session)
    await page.keyboard.press("Enter")
    # No question is asked of the page while it works: each would be script of its own.
    await asyncio.sleep(tokens / RATE)
    await page.wait_for_function(ENDED, arg=count + 1, polling=250, timeout=120_000)
    after = await spent(session)
    await session.detach()
    names = {"script_ms": "ScriptDuration", "main_thread_ms": "TaskDuration"}
    return {name: round((after[metric] - before[metric]) * 1000) for name, metric in names.items()}
