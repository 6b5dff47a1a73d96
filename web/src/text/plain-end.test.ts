import { describe, expect, it } from "vitest";
import { MdStream } from "./md-stream";

const ANSWER = [
  "Some **bold words that go on** and *more of them* here, then `code in a line` and it goes on (well) like that.",
  "# A heading with words\n\nA line\nand another line - with a dash\n\nSetext heading\n---",
  "1. one thing with words\n2. another *one that is* long\n   - deeper down words\n\n3. and more",
  "- > 25 is a comparison in a list\n- [x] a task that is done\n- [ ] another",
  "> quoted words go on\nlazily here\n> > deeper",
  "| a head | b words |\n|---|---|\n| some words | words words | too many words |\n| and more",
  "See [a link with words](https://example.org/with-words) and ![an image](https://example.org/i.png) after it.",
  "[label]: https://example.org/label\n[words]: words\n\nsee [words] here",
  "~~struck out words~~ and 5 < 6 words & more &amp words &copy; words, $a words$ and \\(b words\\) done",
  "   three blanks before\n\n    four make it code words\n\nHard break words  \nafter it\\\nand this",
  "Größe 日本語の文章です and русский текст, e\u0301 accents, 👩‍👩‍👧 families. 5\n6. seven words\n***bold italic words*** _under_scored_ words__here__",
  "```words and more\ncode words\n```\nafter words\n   ~~~ info words\n   x",
  "- item with\n\n  ```python words\n  code\n  ```\n- next item words",
].join("\n\n");

/** What is shown, whether or not it is sealed; without colours and set formulas, which come when they are loaded. */
function shown(root: HTMLElement): string {
  const copy = root.cloneNode(true) as HTMLElement;
  const live = copy.querySelector(".live");
  live?.replaceWith(...live.childNodes);
  for (const plain of copy.querySelectorAll<HTMLElement>("code, .math"))
    plain.textContent = plain.dataset["tex"] ?? plain.textContent;
  return copy.innerHTML
    .replace(/ data-(?:coloured|set)=""/g, "")
    .replace(/>\s+</g, "><")
    .trim();
}

function atOnce(text: string): string {
  const root = document.createElement("div");
  new MdStream(root).set(text, false);
  return shown(root);
}

describe("a text that grows", () => {
  it.each([2, 3, 7, 16])(
    "by %d characters looks at every step as if it had come at once",
    (size) => {
      const root = document.createElement("div");
      const stream = new MdStream(root);
      for (let end = size; end < ANSWER.length + size; end += size) {
        const text = ANSWER.slice(0, end);
        stream.set(text, false);
        expect(shown(root), JSON.stringify(text.slice(-60))).toBe(atOnce(text));
      }
    },
    30_000,
  );

  it("appends words to the text that is there", () => {
    const root = document.createElement("div");
    const stream = new MdStream(root);
    stream.set("one **two", false);
    const node = root.querySelector("strong")?.firstChild;
    stream.set("one **two three, four", false);
    expect(root.querySelector("strong")?.firstChild).toBe(node);
    expect(node?.textContent).toBe("two three, four");
  });
});
