"""One block without end: a list or a table of any length through the page's text core.

A renderer that makes its last block anew for each piece of text pays for all rows with every token. Prints one JSON
document: script time on the main thread (thread time, not wall time) in milliseconds at 1,000 tokens per second, and
its growth with the length (linear: 3).

    python bench/page/long_blocks.py                   about two minutes
"""

from __future__ import annotations

import json
import sys

from playwright.sync_api import sync_playwright
from renderers import HERE, RATE, build, growth, launch, measure, served

from support.markdown_answers import long_list, long_table

LENGTHS = (10_000, 30_000)
BLOCKS = {"list": long_list, "table": long_table}


def main() -> None:
    """Build, measure, print."""
    build()
    found: dict[str, dict[str, float]] = {}
    with served(HERE / "dist") as url, sync_playwright() as playwright:
        browser = launch(playwright)
        for name, make in BLOCKS.items():
            by_length: dict[int, float] = {}
            for tokens in LENGTHS:
                by_length[tokens] = measure(browser, url, "penstock", make(tokens))["script_ms"]
                print(f"{name:6} {tokens:6} tokens  {by_length[tokens]} ms", file=sys.stderr)
            found[name] = {str(tokens): script_ms for tokens, script_ms in by_length.items()} | growth(by_length)
        version = browser.version
        browser.close()
    print(json.dumps({"tokens_per_s": RATE, "browser": version, "script_ms": found}, indent=2))


if __name__ == "__main__":
    main()
