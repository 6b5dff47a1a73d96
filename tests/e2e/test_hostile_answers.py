"""What a hostile answer may not do: no script of its own runs, and nothing leaves for another host."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, Request, Route, expect

from e2e.reading import ask, choose_model, is_complete
from support.programs import Program

pytestmark = pytest.mark.e2e

NPM = str(Path(__file__).parents[2] / "tools" / "npm.py")

HOSTILE = """
# <img src=x onerror="window.pwned=1"> and <svg onload="window.pwned=1"><script>window.pwned=1</script></svg>

<script>window.pwned=1</script><script src="https://evil.example/a.js"></script>
<iframe src="https://evil.example/frame" srcdoc="<script>parent.pwned=1</script>"></iframe>
<object data="https://evil.example/o"></object><embed src="https://evil.example/e"><base href="https://evil.example/">
<link rel="stylesheet" href="https://evil.example/s.css"><meta http-equiv="refresh" content="0;url=https://evil.example">
<style>@import url(https://evil.example/i.css); body { background: url(https://evil.example/b.png) }</style>
<form action="https://evil.example/f" id="app"><input name="attributes" autofocus onfocus="window.pwned=1"></form>
<details open ontoggle="window.pwned=1"><a href="javascript:window.pwned=1" ping="https://evil.example/p">x</a></details>

[a](javascript:window.pwned=1) [b](JaVaScRiPt:window.pwned=1) [c](&#106;avascript:window.pwned=1) [d](data:text/html,x)
[e](vbscript:x) [f](//evil.example/f) [g](/api/models) [h](file:///etc/passwd) [i](blob:https://evil.example/1)
[j][late]
<javascript:window.pwned=1> <https://evil.example/auto> https://evil.example/bare [k](<https://evil.example/"onx="1>)

![tracker](https://evil.example/t.png "a\\" onerror=window.pwned=1") ![local](/api/models)
![svg](data:image/svg+xml,<svg/>)
![protocol](//evil.example/p.png) [![nested](https://evil.example/n.png)](https://evil.example/n)

| <b onclick=window.pwned=1>x</b> | ![t](https://evil.example/table.png) |
|---|---|
| <script>window.pwned=1</script> | `<img src=x onerror=window.pwned=1>` |

```"><img/src=x onerror=window.pwned=1>
</code></pre><script>window.pwned=1</script><img src=https://evil.example/code.png>
```

```html
<img src="https://evil.example/highlighted.png" onerror="window.pwned=1">
```

$\\href{javascript:window.pwned=1}{x}$ $\\includegraphics{https://evil.example/k.png}$ $\\url{https://evil.example}$
$\\htmlData{x=y}{z} \\htmlId{app}{z} \\htmlStyle{background:url(https://evil.example/h.png)}{z}$ $"><img src=x>$

> <!-- --> <![CDATA[ ]]> <?php ?> &lt;script&gt; &#60;script&#62; \\<script\\>

- [x] <img src=x onerror=window.pwned=1>
1. <a id="app" name="attributes" href="https://evil.example/raw">raw</a>

[late]: javascript:window.pwned=1 "title"
"""

SPLIT_EVERYWHERE = "(text) => import('/split/every-split.js').then(({ splitEverywhere }) => splitEverywhere(text))"
WATCH = """
window.refused = [];
addEventListener("securitypolicyviolation", ({ blockedURI, violatedDirective }) => {
  window.refused.push(`${violatedDirective} ${blockedURI}`);
});
for (const dialog of ["alert", "confirm", "prompt", "open"]) window[dialog] = () => { window.pwned = dialog; };
"""

SHOWN = "() => [...document.querySelectorAll('.answer .prose')].at(-1).innerHTML"


def watch(page: Page) -> list[str]:
    """Collect the hosts that the page asks."""
    hosts: list[str] = []

    def note(request: Request) -> None:
        hosts.append(urlsplit(request.url).netloc)

    page.on("request", note)
    return hosts


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the parts of the page that are tested without the page around them."""
    folder = tmp_path_factory.mktemp("parts")
    command = ["exec", "--", "vite", "build", "--config", "e2e/vite.config.ts", "--outDir", str(folder)]
    built = subprocess.run([sys.executable, NPM, *command], check=False, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


async def test_a_hostile_document_split_at_every_byte_is_always_the_same_and_does_nothing(
    page: Page, program: Program, parts: Path
) -> None:
    """In two pieces at each byte, and byte by byte, under the page's own policy: no script, no request."""
    await page.add_init_script(WATCH)

    async def give(route: Route) -> None:
        await route.fulfill(path=parts / urlsplit(route.request.url).path.removeprefix("/split/"))

    await page.route("**/split/**", give)
    await page.goto(program.url)
    hosts = watch(page)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    found = await page.evaluate(SPLIT_EVERYWHERE, HOSTILE)
    assert found == {"cuts": len(HOSTILE.encode()), "different": [], "forbidden": []}
    await page.evaluate("() => fetch('/healthz')")
    assert await page.evaluate("() => [window.pwned ?? null, window.refused]") == [None, []]
    assert set(hosts) == {urlsplit(program.url).netloc}
    assert (dialogs, page.url) == ([], f"{program.url}/")


async def test_a_hostile_answer_does_nothing_and_leaves_only_words_and_plain_links(
    page: Page, program: Program
) -> None:
    await page.add_init_script(
        "addEventListener('securitypolicyviolation', (event) => { window.refused = event.blockedURI; })"
    )
    await page.goto(program.url)
    hosts = watch(page)
    # Every byte comes by itself, so that the document is cut, and shown, at every place.
    await choose_model(page, "fault-drip")
    await ask(page, f"echo: {HOSTILE}")
    await is_complete(page)
    await expect(page.locator(".katex").first).to_be_visible()
    written = await page.evaluate(SHOWN)
    await page.reload()
    await is_complete(page)
    await expect(page.locator(".katex").first).to_be_visible()
    await expect(page.locator("code[data-language=html][data-coloured]")).to_have_count(1)
    assert await page.evaluate(SHOWN) == written, "the answer that came in pieces is the one that came at once"
    assert await page.evaluate("() => [window.pwned, window.refused]") == [None, None]
    assert set(hosts) == {urlsplit(program.url).netloc}
    newest = page.locator(".answer .prose").last
    elements = "script, img, svg[onload], form, style, link, meta, base, iframe, object, embed, [id], [name], [onerror]"
    await expect(newest.locator(elements)).to_have_count(0)
    links = await newest.locator("a").evaluate_all("(links) => links.map((link) => [link.protocol, link.rel])")
    assert links
    assert {tuple(link) for link in links} == {("https:", "noopener noreferrer nofollow")}
    await expect(newest.locator("a.image-link").first).to_have_text("tracker")
