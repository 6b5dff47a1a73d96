// The types hold every language to English's keys. These hold the page to the catalog.

import { describe, expect, it } from "vitest";
import { english } from "./english";
import { chats } from "./english/chats";
import { page } from "./english/page";
import { troubles } from "./english/troubles";
import { turns } from "./english/turns";
import { german } from "./german";

/** wire/ speaks to programs only. */
const files = import.meta.glob<string>(
  ["../**/*.{ts,tsx}", "!../**/*.test.ts", "!../strings/**", "!../wire/**"],
  { query: "?raw", import: "default", eager: true },
);
const sources = Object.entries(files);

/** Words that are names, not language: of keys, headers, services, and what a program says to a program. */
const NAMES =
  /^(?:Alt|Arrow\w+|Backspace|Delete|Enter|Escape|End|Home|Page\w+|Space|Tab|Accept|Content-Type|Last-Event-ID|Prefer|Azure OpenAI|OpenAI|DeepSeek|Ollama|Anthropic|Penstock|Esc|Ctrl|Shift)$/;
const ATTRIBUTE = /\b(?:aria-label|aria-description|alt|label|placeholder|title|words|action)="([^"$]*)"/g;
const SENTENCE = /(?<!new Error\()["'`]([A-Z][a-z]+(?:[ ,.…][^"'`]*)?)["'`]/g;

function wordsIn(source: string): string[] {
  const code = source.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$|\s\/\/ .*$|^import .*$/gm, "");
  return [ATTRIBUTE, SENTENCE].flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => match[1] ?? ""),
  );
}

/** Keys and their nesting, functions and plain words told apart. */
function shapeOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}

describe("the strings", () => {
  it("are all in the catalog, none in the code", () => {
    const left = sources.flatMap(([path, source]) =>
      wordsIn(source)
        .filter((words) => words !== "" && !NAMES.test(words))
        .map((words) => `${path}: ${words}`),
    );
    expect(left).toEqual([]);
  });

  it("are all used", () => {
    const all = sources.map(([, source]) => source).join("\n");
    expect(Object.keys(english).filter((key) => !new RegExp(`\\.${key}\\b`).test(all))).toEqual([]);
  });

  it("have one meaning for each key", () => {
    const keys = [page, chats, turns, troubles].flatMap((part) => Object.keys(part));
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  it("are all there in German, of the same shape", () => {
    expect(shapeOf(german)).toEqual(shapeOf(english));
  });
});
