"""The whole page: what an answer costs the browser's main thread, and how soon a long conversation is there.

A real server relays an answer of Markdown from a service that sends a token a millisecond; a real Chromium reads it.
Prints one JSON document: script and main thread in milliseconds of thread time, and how script grows from 10,000 tokens
to 30,000; then a conversation of 1,000 messages: milliseconds until its newest messages are painted, after opening its
address and after choosing it in the list, and an answer of 2,000 tokens in it beside the same in a short one.

    python bench/page/whole_page.py              about three minutes
    python bench/page/whole_page.py --quick      10,000 tokens only
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from playwright.async_api import Browser, CDPSession, Page, async_playwright
from replay import TOKEN_CHARS, answer

sys.path.append(str(Path(__file__).parents[2] / "tests"))

from support.long_conversation import add_conversation
from support.programs import Program, server

RATE = 1000
MESSAGES = 1000
ENDED = "(count) => document.querySelectorAll('article.answer footer').length >= count"
PAINTED = """
new MutationObserver((_records, observer) => {
  if (document.querySelector("article.answer .prose :is(p, li)") === null) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.paintedAt = performance.now(); }));
}).observe(document, { subtree: true, childList: true });
"""
SWITCH = """
([name, newest]) => new Promise((resolve) => {
  const link = [...document.querySelectorAll("nav a")].find((one) => one.textContent.includes(name));
  const from = performance.now();
  const look = () => {
    if (![...document.querySelectorAll(".bubble")].at(-1)?.textContent.includes(newest)) requestAnimationFrame(look);
    else setTimeout(() => resolve(performance.now() - from));
  };
  link.click();
  requestAnimationFrame(look);
})
"""


def chunk(delta: dict[str, str], finish: str | None = None) -> bytes:
    """Write one event of the service."""
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "replay", "choices": choices}
    return b"data: " + json.dumps(body).encode() + b"\n\n"


async def replay(request: web.Request) -> web.StreamResponse:
    """Answer with as many tokens as the question says, each its own event, at the rate."""
    question = (await request.json())["messages"][-1]["content"]
    text = answer(int(question) if question.isdigit() else 8)
    pieces = [text[at : at + TOKEN_CHARS] for at in range(0, len(text), TOKEN_CHARS)]
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    await response.write(chunk({"role": "assistant", "content": ""}))
    started, sent = time.monotonic(), 0
    while sent < len(pieces):
        due = min(len(pieces), int((time.monotonic() - started) * RATE) + 1)
        for piece in pieces[sent:due]:
            await response.write(chunk({"content": piece}))
        sent = due
        await asyncio.sleep(0.001)
    await response.write(chunk({}, "stop") + b"data: [DONE]\n\n")
    return response


class Service:
    """The model service's address, as `server` wants to know it."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Program]:
    """Run the service and a server on it."""
    app = web.Application()
    app.router.add_post("/{path:.*}", replay)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    program = server(folder, Service(runner.addresses[0][1]), "replay")
    await program.start()
    yield program
    await asyncio.to_thread(program.close)
    await runner.cleanup()


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


async def long_conversation(browser: Browser, program: Program) -> dict[str, object]:
    """Measure a conversation of a thousand messages."""
    database = program.log.parent / "data" / "penstock.db"
    add_conversation(database, name="long", count=MESSAGES)
    add_conversation(database, name="short", count=8)
    page = await browser.new_page(viewport={"width": 1280, "height": 860})
    await page.add_init_script(PAINTED)
    await page.goto(f"{program.url}/c/long")
    await page.wait_for_function("() => window.paintedAt !== undefined")
    opened_ms = await page.evaluate("() => window.paintedAt")
    await page.wait_for_function("(count) => document.querySelectorAll('article').length === count", arg=MESSAGES)
    in_long = await cost(page, 2000)
    await page.evaluate(SWITCH, ["A talk of 8", "needle-6."])
    switched_ms = await page.evaluate(SWITCH, [f"A talk of {MESSAGES}", "2000"])
    await page.goto(f"{program.url}/c/short")
    await page.wait_for_function("() => window.paintedAt !== undefined")
    in_short = await cost(page, 2000)
    await page.close()
    return {
        "painted_after_opening_ms": round(opened_ms),
        "painted_after_choosing_ms": round(switched_ms),
        "2000_tokens_in_it": in_long,
        "2000_tokens_in_a_short_one": in_short,
    }


async def measure(lengths: list[int], *, is_quick: bool) -> dict[str, object]:
    """Measure everything."""
    chromium = os.environ.get("PENSTOCK_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder)) as program, async_playwright() as playwright:
            arguments = ["--no-sandbox", "--disable-gpu"]
            browser = await playwright.chromium.launch(executable_path=chromium, args=arguments)
            found: dict[str, object] = {"tokens_per_s": RATE, "browser": browser.version}
            scripts = []
            for tokens in lengths:
                page = await browser.new_page(viewport={"width": 1280, "height": 860})
                await page.goto(program.url)
                await cost(page, 800)
                figures = await cost(page, tokens)
                scripts.append(figures["script_ms"])
                found[f"{tokens}_tokens"] = figures
                await page.close()
            found["script_growth"] = round(scripts[-1] / scripts[0], 2)
            if not is_quick:
                found["conversation_of_1000"] = await long_conversation(browser, program)
            await browser.close()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="10,000 tokens only")
    is_quick = parser.parse_args().quick
    found = asyncio.run(measure([10_000] if is_quick else [10_000, 30_000], is_quick=is_quick))
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
