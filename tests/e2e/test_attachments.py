"""Files with a message: chosen, pasted or dropped, shown before and after, and never run."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from e2e.reading import ask, choose_model, is_complete

pytestmark = pytest.mark.e2e

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f0005"
    "0001ff56c72f0d0000000049454e44ae426082"
)
GIVE = """([event, name, type]) => {
    const data = new DataTransfer();
    data.items.add(new File(['The code word is heron.'], name, { type }));
    const init = { bubbles: true, cancelable: true };
    const target = document.querySelector('textarea');
    if (event === 'paste') target.dispatchEvent(new ClipboardEvent('paste', { ...init, clipboardData: data }));
    else for (const step of ['dragover', 'drop'])
        target.dispatchEvent(new DragEvent(step, { ...init, dataTransfer: data }));
}"""


async def choose_file(page: Page, name: str, media_type: str, data: bytes) -> None:
    """Choose a file with the button, and wait until the server has it or not."""
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Attach images or text files").click()
    await (await chooser.value).set_files({"name": name, "mimeType": media_type, "buffer": data})
    await expect(page.get_by_role("button", name=f"Remove {name}")).to_be_visible()
    await expect(page.get_by_text("Uploading")).to_have_count(0)


async def test_an_image_goes_with_a_message_and_is_shown_in_it(page: Page) -> None:
    await choose_file(page, "dot.png", "image/png", PNG)
    tray = page.get_by_role("region", name="Attached files")
    await expect(tray.get_by_text("dot.png")).to_be_visible()
    await ask(page, "What is this?")
    await expect(tray).to_have_count(0)
    await is_complete(page)
    await page.reload()
    image = page.get_by_role("img", name="dot.png")
    await expect(image).to_be_visible()
    assert await image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1


@pytest.mark.parametrize("event", ["paste", "drop"])
async def test_a_file_that_is_pasted_or_dropped_goes_with_the_message(page: Page, event: str) -> None:
    """It goes also without a word beside it."""
    await page.evaluate(GIVE, [event, "notes.txt", "text/plain"])
    await expect(page.get_by_role("region", name="Attached files").get_by_text("notes.txt")).to_be_visible()
    await page.get_by_role("button", name="Send", exact=True).click()
    await is_complete(page)
    link = page.get_by_role("list", name="Attached files").get_by_role("link", name="notes.txt")
    async with page.expect_download() as download:
        await link.click()
    assert (await (await download.value).path()).read_bytes() == b"The code word is heron."


async def test_a_model_that_sees_nothing_is_not_sent_an_image(page: Page) -> None:
    await choose_file(page, "dot.png", "image/png", PNG)
    await choose_model(page, "fault-stall-first")
    await expect(page.get_by_role("alert").get_by_text("does not see images")).to_be_visible()
    await page.get_by_role("textbox", name="Message", exact=True).fill("What is this?")
    await expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    await page.keyboard.press("Enter")
    await expect(page.locator("article")).to_have_count(0)
    await page.get_by_role("button", name="Remove dot.png").click()
    await expect(page.get_by_role("button", name="Send", exact=True)).to_be_enabled()


async def test_a_file_that_is_neither_image_nor_text_is_refused_in_words(page: Page) -> None:
    await choose_file(page, "paper.pdf", "application/pdf", b"%PDF-1.7 \x00\x01")
    refusal = page.get_by_role("alert").get_by_text(re.compile("neither"))
    await expect(refusal).to_be_visible()
    await page.get_by_role("button", name="Remove paper.pdf").click()
    await expect(refusal).to_have_count(0)


async def test_a_page_that_was_attached_never_runs(page: Page) -> None:
    """Opened by its address, an HTML file is saved and not shown."""
    await choose_file(page, "evil.html", "text/html", b"<script>document.title = 'run'</script>")
    await ask(page, "echo: look")
    await is_complete(page)
    href = await page.get_by_role("list", name="Attached files").get_by_role("link").get_attribute("href")
    answer = await page.evaluate(
        "href => fetch(href).then(r => [r.headers.get('content-type'), r.headers.get('content-disposition')])", href
    )
    assert answer == ["text/plain; charset=utf-8", "attachment; filename*=UTF-8''evil.html"]
