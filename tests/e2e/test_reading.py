"""How an answer reads while it is written: the reader is never moved, and nothing half-made is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from e2e.reading import ask, choose_model, grows_beyond, is_complete, numbered
from support.programs import Program

pytestmark = pytest.mark.e2e

LINES = "\n".join(f"line {number} of a block of code that is long enough to be wheeled over" for number in range(40))
ENDLESS = f"First words.\n\n```text\n{LINES}\n```\n\n" + "Words that go on and on. " * 400
TOP = "() => document.querySelector('.transcript').scrollTop"
WHERE_IT_STOPS = """
() => new Promise((resolve) => {
  const scroller = document.querySelector(".transcript");
  let top = scroller.scrollTop;
  let still = 0;
  const look = () => {
    still = scroller.scrollTop === top ? still + 1 : 0;
    top = scroller.scrollTop;
    if (still === 12) resolve(top);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})
"""
"""Where the reader's own scrolling ends: browsers make a movement of it."""
WHAT_STANDS_AT_THE_END = """
() => new Promise((resolve) => {
  const look = () => {
    const answer = [...document.querySelectorAll("article.answer")].at(-1);
    const figures = answer?.querySelector(".figures");
    if (figures?.checkVisibility({ visibilityProperty: true })) resolve(answer.querySelector(".prose").innerText);
    else requestAnimationFrame(look);
  };
  look();
})
"""
"""The text in the first frame in which the figures are to be seen."""
LENGTH = "() => document.querySelector('.transcript').innerText.length"

Gesture = Callable[[Page], Awaitable[None]]


async def wheel_over_code(page: Page) -> None:
    """Turn the wheel up while the pointer is over a code block, which is a scroller of its own."""
    await page.locator("pre").last.hover(force=True, position={"x": 40, "y": 5})
    await page.mouse.wheel(0, -120)


async def press_page_up(page: Page) -> None:
    """Press Page Up with the focus on the messages."""
    await page.get_by_role("region", name="Conversation").focus()
    await page.keyboard.press("PageUp")


async def drag_scrollbar(page: Page) -> None:
    """Move as the scrollbar does: no event but the scrolling itself."""
    await page.evaluate("() => document.querySelector('.transcript').scrollBy(0, -300)")


async def select_words(page: Page) -> None:
    """Select what was read, as with the pointer."""
    await page.evaluate("() => getSelection().selectAllChildren(document.querySelector('.prose p'))")


GESTURES: dict[str, Gesture] = {
    "Page Up": press_page_up,
    "the scrollbar": drag_scrollbar,
    "a selection": select_words,
    "the wheel over code": wheel_over_code,
}


@pytest_asyncio.fixture(loop_scope="session")
async def calm_page(browser: Browser, program: Program) -> AsyncIterator[Page]:
    """The page of somebody who wants less motion."""
    context = await browser.new_context(reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(program.url)
    yield page
    await context.close()


async def grows(page: Page) -> None:
    """Wait until there are 300 characters more."""
    length = await page.evaluate(LENGTH)
    await page.wait_for_function(f"(length) => ({LENGTH})() > length + 300", arg=length)


async def test_any_gesture_upward_stops_the_following_and_the_pill_begins_it_again(page: Page) -> None:
    await ask(page, f"echo: {ENDLESS}")
    await page.wait_for_function("() => document.querySelector('.prose figure + p, .prose .live p') !== null")
    await grows(page)
    pill = page.get_by_role("button", name="Newest")
    for name, gesture in GESTURES.items():
        await expect(pill).to_be_hidden()
        await gesture(page)
        await expect(pill, f"{name} lets go").to_be_visible()
        before = await page.evaluate(WHERE_IT_STOPS)
        await grows(page)
        assert await page.evaluate(TOP) == before, f"{name}: the reader is not moved"
        await page.evaluate("() => getSelection().removeAllRanges()")
        await pill.click()
    await page.keyboard.press("Escape")


async def drag_finger(page: Page, over: str) -> None:
    """Move a finger down over this, which shows what is above."""
    box = await page.locator(over).first.bounding_box()
    assert box is not None
    x, y = box["x"] + 40, max(box["y"], 120) + 20
    session = await page.context.new_cdp_session(page)
    for kind, moved in (("touchStart", 0), *(("touchMove", step) for step in range(10, 130, 10)), ("touchEnd", 0)):
        points = [] if kind == "touchEnd" else [{"x": x, "y": y + moved}]
        await session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


@pytest.mark.parametrize("over", [".prose p", "pre"])
async def test_a_finger_that_drags_down_stops_the_following(browser: Browser, program: Program, over: str) -> None:
    """Also when it drags over code, which can itself be moved sideways."""
    context = await browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = await context.new_page()
    await page.goto(program.url)
    words = ENDLESS if over == "pre" else "Words that go on and on. " * 900
    await ask(page, f"echo: {words}")
    await page.wait_for_function("() => document.querySelector('.transcript').scrollTop > 300")
    if over == "pre":
        await page.wait_for_function("() => document.querySelector('pre')?.innerText.length > 1500")
    await drag_finger(page, over)
    pill = page.get_by_role("button", name="Newest")
    await expect(pill).to_be_visible()
    before = await page.evaluate(WHERE_IT_STOPS)
    await grows(page)
    assert await page.evaluate(TOP) == before, "the reader is not moved"
    await pill.tap()
    await expect(pill).to_be_hidden()
    await page.wait_for_function("(before) => document.querySelector('.transcript').scrollTop > before", arg=before)
    await page.get_by_role("button", name="Stop the answer").tap()
    await context.close()


async def test_a_selection_survives_what_comes_after_it(page: Page) -> None:
    await ask(page, f"echo: One paragraph with **bold words** in it.\n\nAnother *one* {'goes on and on ' * 300}")
    await grows_beyond(page, 120)
    await page.evaluate("() => getSelection().selectAllChildren([...document.querySelectorAll('.prose em')].at(-1))")
    await grows(page)
    assert await page.evaluate("() => getSelection().toString()") == "one"
    await page.keyboard.press("Escape")


async def test_no_raw_marks_flicker_by(page: Page) -> None:
    await page.evaluate("""
        () => {
          window.marks = new Set();
          const look = () => {
            const prose = [...document.querySelectorAll(".answer .prose")].at(-1)?.cloneNode(true);
            prose?.querySelectorAll("pre, code, .math").forEach((element) => element.remove());
            for (const mark of prose?.textContent.match(/[*][*]|~~|\\]\\(|\\|--/g) ?? []) window.marks.add(mark);
            requestAnimationFrame(look);
          };
          look();
        }
    """)
    await ask(page, "show markdown")
    await is_complete(page)
    assert await page.evaluate("() => [...window.marks]") == []


async def test_a_table_is_copied_as_csv_and_code_as_it_is(page: Page) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await ask(page, 'echo: | a | b |\n|---|---|\n| 1 | say "x", **y** |\n\n```js\nlet a = 1;\n```\n')
    await is_complete(page)
    await page.get_by_role("button", name="Copy as CSV").click()
    await expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert await page.evaluate("() => navigator.clipboard.readText()") == 'a,b\r\n1,"say ""x"", y"\r\n'
    await page.locator("figure.code").get_by_role("button").click()
    await page.wait_for_function("async () => (await navigator.clipboard.readText()) === 'let a = 1;\\n'")


async def test_with_less_motion_text_comes_four_times_a_second_at_most(calm_page: Page) -> None:
    await ask(calm_page, "count 5000")
    await grows_beyond(calm_page, 20)
    states, elapsed_ms = await calm_page.evaluate("""
        () => new Promise((resolve) => {
          const from = performance.now();
          const prose = [...document.querySelectorAll(".prose")].at(-1);
          let states = 0;
          new MutationObserver(() => {
            states += 1;
            if (states === 6) resolve([states, performance.now() - from]);
          }).observe(prose, { subtree: true, childList: true, characterData: true });
        })
    """)
    assert states <= elapsed_ms / 250 + 1
    await calm_page.keyboard.press("Escape")


async def test_a_hidden_page_shows_everything_at_once(page: Page) -> None:
    """It gets no frames to show it in, and is up to date when somebody looks again."""
    await ask(page, "count 200")
    await grows_beyond(page, 20)
    await page.evaluate("""
        () => {
          window.requestAnimationFrame = () => 0;
          Object.defineProperty(document, "hidden", { value: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }
    """)
    await is_complete(page)
    assert await page.locator(".answer .prose").last.inner_text() == numbered(200)


async def test_who_wants_the_whole_answer_gets_it_in_one_piece(page: Page) -> None:
    await page.evaluate("() => localStorage.setItem('penstock.display', 'whole')")
    await page.reload()
    await ask(page, "count 150")
    await page.evaluate("""
        () => {
          window.lengths = new Set();
          const look = () => {
            window.lengths.add([...document.querySelectorAll(".answer .prose")].at(-1)?.innerText.length ?? 0);
            requestAnimationFrame(look);
          };
          look();
        }
    """)
    await is_complete(page)
    assert len(await page.evaluate("() => [...window.lengths]")) == 2


async def test_the_stage_and_its_time_are_shown_while_there_are_no_words(page: Page) -> None:
    await choose_model(page, "fault-stall-first")
    await ask(page, "Are you there?")
    await expect(page.get_by_text("Waiting for the first words")).to_be_visible()
    await expect(page.locator(".stage-time")).to_have_text("2 s")
    await page.keyboard.press("Escape")


async def test_figures_come_when_the_last_word_is_there(page: Page) -> None:
    await choose_model(page, "in-bursts")
    for turn, count in enumerate((40, 55, 70), start=1):
        await ask(page, f"count {count}")
        await expect(page.locator("article.answer")).to_have_count(turn)
        assert await page.evaluate(WHAT_STANDS_AT_THE_END) == numbered(count)
