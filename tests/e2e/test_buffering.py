"""A proxy between the page and the server that keeps answers back until they are whole: the page says so."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import ClientSession, web
from playwright.async_api import BrowserContext, Page, expect

from e2e.reading import ask, is_complete
from support.programs import Program

pytestmark = pytest.mark.e2e

HOP_BY_HOP = {"transfer-encoding", "content-length", "content-encoding", "connection", "host"}
WORDS = "This answer came in one piece"


@pytest_asyncio.fixture(loop_scope="session")
async def buffering(program: Program) -> AsyncIterator[str]:
    """The address of a proxy that hands on whole bodies only."""

    async def forward(request: web.Request) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
        headers["Origin"] = program.url
        async with session.request(
            request.method, program.url + request.path_qs, headers=headers, data=await request.read()
        ) as answered:
            body = await answered.read()
            kept = {name: value for name, value in answered.headers.items() if name.lower() not in HOP_BY_HOP}
            return web.Response(status=answered.status, headers=kept, body=body)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", forward)
    runner = web.AppRunner(app, shutdown_timeout=1)
    async with ClientSession(auto_decompress=True) as session:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        await runner.cleanup()


async def test_the_page_reports_a_proxy_that_buffers_and_names_the_fix(context: BrowserContext, buffering: str) -> None:
    page = await context.new_page()
    await page.goto(buffering)
    await ask(page, "count 300")
    await is_complete(page)
    await expect(page.get_by_text(WORDS)).to_be_visible()
    await expect(page.get_by_text("proxy_buffering off")).to_be_visible()
    await page.get_by_role("button", name="Dismiss").click()
    await expect(page.get_by_text(WORDS)).to_be_hidden()


async def test_nothing_is_said_of_an_answer_that_flows_or_is_read_later(page: Page) -> None:
    await ask(page, "count 300")
    await is_complete(page)
    await expect(page.get_by_text(WORDS)).to_be_hidden()
    await page.reload()
    await is_complete(page)
    await expect(page.get_by_text(WORDS)).to_be_hidden()
