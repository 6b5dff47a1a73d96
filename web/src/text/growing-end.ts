// What the end of a block is shown as while it is written: marks that are half there are no text yet.

import remend from "remend";

/** Open marks at the end are closed. What would show the text otherwise than it will be in the end is left out. */
const REMEND = {
  katex: false,
  inlineKatex: false,
  linkMode: "text-only",
  htmlTags: false,
  comparisonOperators: false,
  singleTilde: false,
} as const;

/** Marks that open or close something; which of the two, and how many there will be, only the next character says. */
const ENDING_MARKS = /(?<!\\)[*_~`]+$/;
/** A line of a table's head, and the line under it as far as it is written. */
const TABLE_HEAD = /(?:^|\n) {0,3}\|[^\n]*(?:\n[ \t|:-]*)?$/;
const TABLE_LINE = /^ {0,3}\|/;

/** Cuts the head of a table that is not yet known to be one: its pipes would flicker by as text. */
function withoutHalfTable(block: string): string {
  const head = TABLE_HEAD.exec(block);
  if (head === null) return block;
  const before = block.slice(0, head.index);
  const isRow = TABLE_LINE.test(before.slice(before.lastIndexOf("\n") + 1));
  return isRow ? block : before;
}

/** The block with its end repaired: as it will look once the end has come. */
export function repairEnd(block: string): string {
  return remend(withoutHalfTable(block.replace(ENDING_MARKS, "")), REMEND);
}
