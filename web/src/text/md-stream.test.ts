import { beforeEach, describe, expect, it } from "vitest";
import { renderSettled } from "./markdown";
import { MdStream } from "./md-stream";

const SNIPPETS: Readonly<Record<string, string>> = {
  paragraphs: "One *two* **three**\n\nfour `five`\n",
  headings: "# A\n\ntext\n\nB\n===\n\n### C\n",
  "a nested list": "1. one\n2. two\n   - a\n   - b\n\n3. three\n\nafter\n",
  "code in a list": "1. one\n\n   ```js\n   let a = 1;\n   ```\n\n2. two\n",
  "a fence": "before\n\n```python\ndef f():\n\n    return 1\n```\n\nafter\n",
  "a fence of tildes with backticks in it": "~~~\n```\nnot the end\n```\n~~~\nafter\n",
  "an indented fence": "  ```\n  a\n    b\n  ```\n",
  "an unclosed fence": "```js\nlet a = 1;\nlet b",
  "a table": "| a | b |\n|---|--:|\n| 1 | `x|y` |\n| 2 | 3 |\n\nafter\n",
  "a quote": "> one\n> two\n\nthree\n",
  tasks: "- [x] done\n- [ ] to do\n",
  "a late reference": "See [this][1] now.\n\nAnd more.\n\n[1]: https://example.org/late\n",
  "an early reference": "[1]: https://example.org/early\n\nSee [this][1].\n",
  "links and addresses": "[a](https://example.org) and https://example.org/b.\n\nend\n",
  math: "Sum $a_1 + b$ and \\(c\\) cost $5 or $10.\n\n$$\nx = 1\n$$\n\n\\[ y \\]\n",
  "emphasis that begins like a rule": "one\n***two*** three\n\n1. four\n***five***\n",
  "a number that joins a list": "1. one\n2. two\n\n3. three\n\n4\n",
  "a fence that closes and goes on": "one\n```\na\n```\ntwo\n***\n# three\nfour\n",
  "hard breaks and entities": "a  \nb &amp; c &copy;\n\n---\n\nd\n",
};

let root: HTMLElement;

beforeEach(() => {
  root = document.createElement("div");
});

/** Structure and text, without what colouring adds. */
function shape(element: HTMLElement): string {
  return element.innerHTML
    .replace(/ data-coloured=""| data-set=""/g, "")
    .replace(/>\s+</g, "><")
    .trim();
}

function whole(text: string): string {
  const element = document.createElement("div");
  element.innerHTML = renderSettled(text, {});
  return shape(element);
}

describe("Markdown that is written piece by piece ends as if it had come whole", () => {
  it.each(Object.entries(SNIPPETS))("%s", (_name, text) => {
    const stream = new MdStream(root);
    for (let end = 1; end <= text.length; end += 1) stream.set(text.slice(0, end), false);
    stream.set(text, true);
    expect(shape(root)).toBe(whole(text));
  });
});

describe("Markdown while it is written", () => {
  it("leaves a sealed block alone", () => {
    const stream = new MdStream(root);
    stream.set("first\n\nsec", false);
    const first = root.querySelector("p");
    stream.set("first\n\nsecond\n\nthird **bo", false);
    expect(root.querySelector("p")).toBe(first);
  });

  it("shows no raw marks at the growing end", () => {
    const stream = new MdStream(root);
    stream.set("some **bold te", false);
    expect(root.querySelector("strong")?.textContent).toBe("bold te");
  });

  it("appends to an open code block without making it anew", () => {
    const stream = new MdStream(root);
    stream.set("```python\nfirst\n", false);
    const code = root.querySelector("code");
    const line = code?.firstChild;
    stream.set("```python\nfirst\nsecond\nthi", false);
    expect(root.querySelector("code")).toBe(code);
    expect(code?.firstChild).toBe(line);
    expect(code?.textContent).toBe("first\nsecond\nthi");
  });

  it("does not show the closing fence as code", () => {
    const stream = new MdStream(root);
    stream.set("```\nfirst\n``", false);
    expect(root.querySelector("code")?.textContent).toBe("first\n");
  });

  it("starts over when the text is another", () => {
    const stream = new MdStream(root);
    stream.set("one", false);
    stream.set("two", true);
    expect(root.textContent?.trim()).toBe("two");
  });
});

describe("what a hostile answer may not do", () => {
  const HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "[a](javascript:alert(1)) [b](data:text/html,x) [c](vbscript:x) [d](/api/runs) [e](//evil.example)",
    "![tracker](https://evil.example/x.png) ![local](/api/models)",
    '<form action="https://evil.example"><button style="position:fixed">x</button></form>',
    '```"><img/src=x>\n</code><script>alert(1)</script>\n```',
    '$\\href{javascript:alert(1)}{x}$ $"><img src=x onerror=alert(1)>$',
  ].join("\n\n");

  beforeEach(() => {
    const stream = new MdStream(root);
    for (let end = 1; end <= HOSTILE.length; end += 7) stream.set(HOSTILE.slice(0, end), false);
    stream.set(HOSTILE, true);
  });

  it("brings in no element of its own", () => {
    expect(root.querySelectorAll("script, img, form, style, iframe, [onerror], [id]")).toHaveLength(0);
  });

  it("links only to http, https and mail, in a new tab that knows nothing of this page", () => {
    const links = [...root.querySelectorAll("a")];
    expect(links.map((link) => link.getAttribute("href"))).toEqual([
      "https://evil.example/x.png",
      "https://evil.example",
    ]);
    expect(
      links.every((link) => link.rel === "noopener noreferrer nofollow" && link.target === "_blank"),
    ).toBe(true);
  });
});
