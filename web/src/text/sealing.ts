// Which beginning of the growing text can no longer change. Only whole lines are looked at: what the line that is being
// written will be, nobody knows (`***` is a rule, `***so` is emphasis in the paragraph before it).

import { type Env, parseBlocks } from "./markdown";

export interface Sealing {
  /** So many characters are complete blocks. */
  readonly length: number;
  /** What comes after them begins with a fence. */
  readonly isFence: boolean;
}

/** Blocks that nothing can continue. */
const ALWAYS = new Set(["heading_open", "hr", "math_block"]);
/** Blocks that a blank line ends. */
const AT_BLANK = new Set(["paragraph_open", "blockquote_open", "table_open"]);
/** Blocks that go on behind a blank line, unless the next line begins like no part of them. */
const AT_OTHER: Readonly<Record<string, RegExp>> = {
  bullet_list_open: /^[^\s\d*+-]/,
  ordered_list_open: /^[^\s\d*+-]/,
  code_block: /^\S/,
};

export function findSealable(tail: string, env: Env): Sealing {
  const lineAt = tail.lastIndexOf("\n") + 1;
  const lines = tail.slice(0, lineAt);
  const blocks = parseBlocks(lines, env).filter((token) => token.level === 0 && token.map !== null);
  const last = blocks.at(-1);
  const isAfterBlank = /(?:^|\n)[ \t]*\n$/.test(lines);
  if (last === undefined) return { length: isAfterBlank ? lineAt : 0, isFence: false };
  const isEnded =
    ALWAYS.has(last.type) ||
    (isAfterBlank && (AT_BLANK.has(last.type) || AT_OTHER[last.type]?.test(tail.slice(lineAt)) === true));
  if (isEnded) return { length: lineAt, isFence: false };
  return { length: lineStart(tail, last.map?.[0] ?? 0), isFence: last.type === "fence" };
}

/** Offset of the line's first character. */
function lineStart(text: string, line: number): number {
  let at = 0;
  for (let count = 0; count < line; count += 1) at = text.indexOf("\n", at) + 1;
  return at;
}
