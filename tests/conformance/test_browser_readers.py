"""The reader loops of well-known tutorials and samples show the answer, and never a cut one as whole."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from support.browser import chromium
from support.programs import Program

READERS = (
    "sse_piece_by_piece",
    "sse_line_by_line",
    "sse_event_by_event",
    "ndjson",
    "ndjson_demo",
    "choices",
    "socket",
    "text",
)
QUESTIONS = {
    "paced": ("count 60", "slow"),
    "at_once": ("long 300 words", "gpt-5.4-mini"),
    "unicode": ("echo: naïve ⟨é😀⟩\n\nline 'two'", "slow"),
    "error_in_mid_stream": ("count 60", "fault-error-frame"),
    "no_finish": ("count 60", "fault-no-finish"),
    "reset": ("count 60", "fault-cut-rst"),
}
COUNTED = "".join(f"⟨{number}⟩" for number in range(1, 61))

Shown = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def shown(js: Path, program: Program) -> Shown:
    """What every reader's page shows, by reader and question."""

    async def play() -> Shown:
        async with chromium() as browser:
            page = await browser.new_page()
            await page.add_init_script(path=js / "readers.js")
            await page.goto(f"{program.url}/healthz")  # any page of the server's own origin
            pairs = [(reader, name) for reader in READERS for name in QUESTIONS]
            asked = [
                page.evaluate("([reader, text, model]) => readers[reader](text, model)", [reader, *QUESTIONS[name]])
                for reader, name in pairs
            ]
            results = await asyncio.gather(*asked)
        outcome: Shown = {reader: {} for reader in READERS}
        for (reader, name), result in zip(pairs, results, strict=True):
            outcome[reader][name] = result
        return outcome

    return asyncio.run(play())


@pytest.mark.e2e
@pytest.mark.parametrize("reader", READERS)
def test_the_answer_is_shown_whole(shown: Shown, reader: str):
    pages = shown[reader]
    assert pages["paced"] == {"text": COUNTED, "done": True, "error": None}
    assert pages["unicode"] == {"text": "naïve ⟨é😀⟩\n\nline 'two'", "done": True, "error": None}
    if reader != "sse_piece_by_piece":  # it throws unfinished lines away: only a human pace does it justice
        assert pages["at_once"] == shown["text"]["at_once"]
        assert len(pages["at_once"]["text"].split()) == 300


@pytest.mark.e2e
@pytest.mark.parametrize("question", ["error_in_mid_stream", "no_finish", "reset"])
@pytest.mark.parametrize("reader", READERS)
def test_what_is_no_whole_answer_is_an_error_and_keeps_its_text(shown: Shown, reader: str, question: str):
    page = shown[reader][question]
    assert page["error"]
    assert page["done"] is False
    assert COUNTED.startswith(page["text"])


OPENS = """url => new Promise(resolve => {
    const socket = new WebSocket(url);
    socket.onopen = () => { socket.close(); resolve(true); };
    socket.onerror = () => resolve(false);
})"""


@pytest.mark.e2e
@pytest.mark.parametrize(("host", "is_taken"), [("127.0.0.1", True), ("localhost", False)])
def test_only_a_page_of_the_server_s_own_origin_opens_a_socket(program: Program, host: str, *, is_taken: bool):
    """The page itself may, under its own security policy; the same page by another name is another origin."""

    async def play() -> bool:
        async with chromium() as browser:
            page = await browser.new_page()
            await page.goto(f"http://{host}:{program.port}/{'' if is_taken else 'healthz'}")
            return await page.evaluate(OPENS, f"ws://127.0.0.1:{program.port}/api/ws")

    assert asyncio.run(play()) is is_taken
