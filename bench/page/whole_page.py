"""The whole page: what an answer costs the browser's main thread, and how soon a long conversation is there.

A real server relays an answer of Markdown from a service that sends a token a millisecond; a real Chromium reads it.
Prints one JSON document: script and main thread in milliseconds of thread time, and how script grows from 10,000 tokens
to 30,000; then a conversation of 1,000 messages and one of 8: milliseconds on the wall from opening its address, in a
browser that has nothing of it, to the first paint, to the text of the newest messages and to their Markdown (medians);
those after choosing it in the list; and an answer of 2,000 tokens in it.

    python bench/page/whole_page.py              about two minutes
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
from pathlib import Path
from statistics import median

from playwright.async_api import Browser, async_playwright

sys.path.append(str(Path(__file__).parents[2] / "tests"))

from support.long_conversation import add_conversation
from support.paced_service import RATE, serving
from support.programs import Program
from support.thread_time import cost

MESSAGES = 1000
WARM_TOKENS = 800
"""Long enough that every kind of block was there, so that lazy chunks are loaded and code is compiled."""
OPENINGS = 7
SETTLED_S = 1.5
"""Nothing looks at the page before that: to look takes the thread that is looked at."""
PAINTED = """
window.paints = {};
const note = (name, selector) => new MutationObserver((_records, observer) => {
  if (!document.querySelector(selector)?.textContent) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.paints[name] = performance.now(); }));
}).observe(document, { subtree: true, childList: true });
note("text", "article.answer .prose");
note("markdown", "article.answer .prose :is(p, li)");
"""
PAINTS = """
() => ({ first: performance.getEntriesByName("first-contentful-paint")[0].startTime, ...window.paints })
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


async def open_address(browser: Browser, url: str) -> dict[str, int]:
    """Give the medians of when it was painted, over browsers that have nothing of the page."""
    found: list[dict[str, float]] = []
    for _ in range(OPENINGS):
        context = await browser.new_context(viewport={"width": 1280, "height": 860})
        page = await context.new_page()
        await page.add_init_script(PAINTED)
        await page.goto(url)
        await asyncio.sleep(SETTLED_S)
        found.append(await page.evaluate(PAINTS))
        await context.close()
    return {name: round(median(paints[name] for paints in found)) for name in ("first", "text", "markdown")}


async def long_conversation(browser: Browser, program: Program) -> dict[str, object]:
    """Measure a conversation of a thousand messages."""
    database = program.log.parent / "data" / "penstock.db"
    add_conversation(database, name="long", count=MESSAGES)
    add_conversation(database, name="short", count=8)
    opened = {name: await open_address(browser, f"{program.url}/c/{name}") for name in ("long", "short")}
    page = await browser.new_page(viewport={"width": 1280, "height": 860})
    await page.goto(f"{program.url}/c/long")
    await page.wait_for_function("(count) => document.querySelectorAll('article').length === count", arg=MESSAGES)
    await cost(page, WARM_TOKENS)
    in_long = await cost(page, 2000)
    await page.evaluate(SWITCH, ["A talk of 8", "needle-6."])
    switched_ms = await page.evaluate(SWITCH, [f"A talk of {MESSAGES}", "2000"])
    await page.goto(f"{program.url}/c/short")
    await cost(page, WARM_TOKENS)
    in_short = await cost(page, 2000)
    await page.close()
    return {
        "painted_after_opening_ms": opened["long"],
        "a_short_one_painted_after_opening_ms": opened["short"],
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
                await cost(page, WARM_TOKENS)
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
