import MarkdownIt from "markdown-it";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { renderSettled } from "./markdown";
import { MdStream } from "./md-stream";

const ROWS = 12;

function rows(row: (number: number) => string, count = ROWS): string {
  return Array.from({ length: count }, (_, index) => row(index + 1)).join("");
}

const LONG: Readonly<Record<string, string>> = {
  "a tight list": `before\n${rows((number) => `- **item** ${number} of \`many\`\n`)}\nafter\n`,
  "a loose list": rows((number) => `* item ${number}\n\n`),
  "a list that is loose only at its end": `${rows((number) => `+ item ${number}\n`)}\n+ last\n`,
  "a list that is loose inside of one item": rows((number) =>
    number === 7 ? "- # a heading\n\n  > a quote\n" : `- item ${number}\n`,
  ),
  "an ordered list that begins late": rows((number) => `${number + 6}. item ${number}\n`),
  "an ordered list of ones": rows((number) => `1) item ${number}\n   lazily\nand more\n`),
  "a nested list": rows((number) => `- item ${number}\n  1. one\n     - deep\n  2. two\n`),
  "items that are not under each other": rows((number) => `${" ".repeat(number % 4)}- item ${number}\n`),
  "code, tasks and empty items": rows(
    (number) => ["- ```js\n  let a;\n\n  ```\n", "- [x] done\n", "-\n", "- [ ] open\n"][number % 4] ?? "",
  ),
  "links that are defined in other items": rows((number) =>
    number === 8 ? "- [late]: https://example.org/late\n" : `- see [late] ${number}\n`,
  ),
  "lists beside each other": rows((number) => `${number % 6 < 3 ? "-" : "*"} item ${number}\n`),
  "a list that a rule ends": `${rows((number) => `- item ${number}\n`)}\n---\n- other\n- list\n\n- - -\n`,
  "a table": `| name | count | words |\n|:--|--:|---|\n${rows((number) => `| n${number} | ${number} | \`a|b\` and **b** |\n`)}\nafter\n`,
  "a table of uneven rows": `before\na | b\n- | -\n${rows((number) => ["one\n", "| 1 | 2 | 3 |\n", "x | https://example.org\n"][number % 3] ?? "")}# end\n`,
  "a table that a list ends": `|a|\n|-|\n${rows((number) => `|${number}|\n`)}- item\n- item\n`,
};

let root: HTMLElement;

beforeEach(() => {
  root = document.createElement("div");
});

/** Structure and text, without what colouring adds. */
function shape(element: HTMLElement): string {
  return element.innerHTML.replace(/ data-coloured=""| data-set=""/g, "").trim();
}

function whole(text: string): string {
  const element = document.createElement("div");
  element.innerHTML = renderSettled(text, {});
  return shape(element);
}

/** Shows the text cut after so many characters each, and then whole. */
function play(text: string, sizes: () => number): void {
  const stream = new MdStream(root);
  for (let end = sizes(); end < text.length; end += sizes()) stream.set(text.slice(0, end), false);
  stream.set(text, true);
}

/** Numbers that look random and are the same each time. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const LINES = [
  "- item *one*\n",
  "- item two\n",
  "-\n",
  "* other\n",
  " - a little in\n",
  "   - further in\n",
  "1. first\n",
  "2. second\n",
  "7) seventh\n",
  "  - nested\n",
  "    deeper words\n",
  "lazy words\n",
  "\n",
  "\n",
  "| a | b |\n",
  "|---|:-:|\n",
  "| `x` | [l] | 3 |\n",
  "# heading\n",
  "---\n",
  "***\n",
  "> quote\n",
  "  ```\n",
  "```\n",
  "- [x] task\n",
  "[l]: https://example.org/l\n",
  "\tafter a tab\n",
];

const PATIENCE_MS = 60_000;

describe("a long list or table that is written piece by piece ends as if it had come whole", () => {
  it.each(Object.entries(LONG))("%s, by characters", (_name, text) => {
    play(text, () => 1);
    expect(shape(root)).toBe(whole(text));
  });

  it.each(Object.entries(LONG))(
    "%s, cut once anywhere",
    (_name, text) => {
      const wanted = whole(text);
      for (let cut = 1; cut < text.length; cut += 1) {
        const stream = new MdStream(root);
        stream.set(text.slice(0, cut), false);
        stream.set(text, true);
        expect(shape(root), JSON.stringify(text.slice(Math.max(0, cut - 40), cut))).toBe(wanted);
      }
    },
    PATIENCE_MS,
  );

  it(
    "whatever the lines are, and wherever it is cut",
    () => {
      for (let seed = 1; seed <= 300; seed += 1) {
        const roll = dice(seed);
        const text = Array.from({ length: 4 + roll(16) }, () => LINES[roll(LINES.length)]).join("");
        play(text, () => 1 + roll(12));
        expect(shape(root), `${seed}: ${JSON.stringify(text)}`).toBe(whole(text));
      }
    },
    PATIENCE_MS,
  );
});

/** Characters that are given to the parser while the text is written, a token at a time. */
function parsed(text: string): number {
  const parse = vi.spyOn(MarkdownIt.prototype, "parse");
  play(text, () => 4);
  const count = parse.mock.calls.reduce((sum, [source]) => sum + source.length, 0);
  parse.mockRestore();
  return count;
}

describe("what is parsed while a block without end is written", () => {
  const bullet = (number: number) => `- item ${number} with **some** words, and \`code\`\n`;
  const blocks: Readonly<Record<string, (count: number) => string>> = {
    "a tight list": (count) => rows(bullet, count),
    "a loose list": (count) => rows((number) => `${bullet(number)}\n`, count),
    "a table": (count) => `| a | b |\n|---|--:|\n${rows((number) => `| **n** | ${number} |\n`, count)}`,
    "a code block": (count) => `\`\`\`js\n${rows((number) => `let a = ${number};\n`, count)}\`\`\`\n`,
  };

  it.each(Object.entries(blocks))("grows as %s grows, and no faster", (_name, make) => {
    expect(parsed(make(160))).toBeLessThanOrEqual(2.2 * parsed(make(80)));
  });
});

describe("a long list or table while it is written", () => {
  it.each(["a tight list", "a loose list", "a table"])("leaves the finished rows of %s alone", (name) => {
    const text = LONG[name] ?? "";
    const stream = new MdStream(root);
    const half = text.indexOf("\n", text.length / 2) + 1;
    stream.set(text.slice(0, half), false);
    const kept = [...root.querySelectorAll("li, tbody tr")].slice(0, -1);
    expect(kept.length).toBeGreaterThan(2);
    for (let end = half; end <= text.length; end += 5) stream.set(text.slice(0, end), false);
    const shown = [...root.querySelectorAll("li, tbody tr")];
    expect(kept.every((row, index) => row === shown[index])).toBe(true);
  });

  it("shows what comes behind it at once", () => {
    const stream = new MdStream(root);
    stream.set("- one\n- two\n# Head", false);
    expect(root.querySelector("h1")?.textContent).toBe("Head");
    expect(root.querySelectorAll("li")).toHaveLength(2);
  });

  it("appends words to the last item", () => {
    const stream = new MdStream(root);
    stream.set("- one\n- two words", false);
    const node = root.querySelector("li:last-child")?.firstChild;
    stream.set("- one\n- two words and more", false);
    expect(root.querySelector("li:last-child")?.firstChild).toBe(node);
    expect(node?.textContent).toBe("two words and more");
  });
});
