// Which beginning of the growing text can no longer change. Only whole lines are looked at: what the line that is being
// written will be, nobody knows (`***` is a rule, `***so` is emphasis in the paragraph before it).

import { type Env, parseBlocks } from "./markdown";

export interface Sealing {
  /** So many characters are complete blocks. */
  readonly length: number;
  /** The type of the block after them, which still grows; null when there is none. */
  readonly growing: string | null;
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

const AFTER_BLANK = /(?:^|\n)[ \t]*\n$/;

/** Whether a block of this type is over after these lines, when the next one has begun like this. */
export function isEnded(type: string, lines: string, begun: string): boolean {
  if (ALWAYS.has(type)) return true;
  return AFTER_BLANK.test(lines) && (AT_BLANK.has(type) || AT_OTHER[type]?.test(begun) === true);
}

export function findSealable(tail: string, env: Env): Sealing {
  const lineAt = tail.lastIndexOf("\n") + 1;
  const lines = tail.slice(0, lineAt);
  const blocks = parseBlocks(lines, env).filter((token) => token.level === 0 && token.map !== null);
  const last = blocks.at(-1);
  if (last === undefined) return { length: AFTER_BLANK.test(lines) ? lineAt : 0, growing: null };
  if (isEnded(last.type, lines, tail.slice(lineAt))) return { length: lineAt, growing: null };
  return { length: lineStart(tail, last.map?.[0] ?? 0), growing: last.type };
}

/** Offset of the line's first character. */
export function lineStart(text: string, line: number): number {
  let at = 0;
  for (let count = 0; count < line; count += 1) at = text.indexOf("\n", at) + 1;
  return at;
}
