"""The page's cost in time of its own thread, as ratios within one run: what other programs do cancels out.

How many milliseconds it is, is measured by ``bench/page/whole_page.py``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page

from support.long_conversation import add_conversation
from support.paced_service import serving
from support.programs import Program
from support.thread_time import cost

pytestmark = pytest.mark.e2e

LONG, SHORT = 1000, 8
ROUNDS = 3


@pytest_asyncio.fixture(loop_scope="session")
async def paced(tmp_path: Path) -> AsyncIterator[Program]:
    """A server on a service that sends a token a millisecond."""
    async with serving(tmp_path) as program:
        yield program


@pytest.mark.timeout(180)
async def test_an_answer_of_30000_tokens_costs_at_most_3_6_times_one_of_10000(
    context: BrowserContext, paced: Program
) -> None:
    scripts: dict[int, int] = {}
    for tokens in (10_000, 30_000):
        page = await context.new_page()
        await page.goto(paced.url)
        await cost(page, 800)
        scripts[tokens] = (await cost(page, tokens))["script_ms"]
        await page.close()
    assert scripts[30_000] <= 3.6 * scripts[10_000], scripts


@pytest.mark.timeout(180)
async def test_an_answer_among_1000_messages_costs_what_it_costs_among_few(
    context: BrowserContext, paced: Program
) -> None:
    pages: dict[int, Page] = {}
    for count in (SHORT, LONG):
        add_conversation(paced.log.parent / "data" / "penstock.db", name=f"of-{count}", count=count)
        pages[count] = page = await context.new_page()
        await page.goto(f"{paced.url}/c/of-{count}")
        await page.wait_for_function("(count) => document.querySelectorAll('article').length === count", arg=count)
        await cost(page, 800)
    scripts: dict[int, list[int]] = {count: [] for count in pages}
    for _ in range(ROUNDS):
        for count, page in pages.items():
            await page.bring_to_front()
            scripts[count].append((await cost(page, 2000))["script_ms"])
    # Others can only add to it.
    assert min(scripts[LONG]) <= 1.3 * min(scripts[SHORT]), scripts
