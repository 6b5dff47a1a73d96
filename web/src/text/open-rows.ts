// A list or a table while it is written: a row that is finished is rendered once, and only the last one again as it grows.
//
// The rows that are not finished are read behind a stand-in for all before them, so that each becomes what it is in the
// whole block: an item of a list that has blank lines in it is a paragraph, a cell is aligned as its column's head says.

import { decorate } from "./decorate";
import { repairEnd } from "./growing-end";
import { type Env, parseBlocks, renderGrowing, renderSettled, type Token } from "./markdown";
import { morphChildren } from "./morph";
import { PlainEnd } from "./plain-end";
import { isEnded, lineStart } from "./sealing";

const LIST_MARK = /^ {0,3}(?:[*+-]|\d{1,9}[.)])/;
const TABLE_HEAD = /^[^\n]*\n[^\n]*\n/;
/** So many lines of a table are no rows. */
const HEAD_LINES = 2;

interface Rows {
  /** Where the last row that may still grow begins. */
  readonly last: number;
  /** Where the block ends; null while it goes on. */
  readonly end: number | null;
  /** The items are paragraphs. */
  readonly isLoose: boolean;
}

export interface RowsPlace {
  /** What the block is shown in while it is written. */
  readonly live: HTMLElement;
  /** What sealed text has defined. */
  readonly env: Env;
}

export class OpenRows {
  readonly element: Element;
  /** Where words are appended without parsing, if there is such a place. */
  plainEnd: PlainEnd | null = null;
  readonly #rows: Element;
  readonly #live: HTMLElement;
  readonly #env: Env;
  /** The head of a table; null for a list. */
  readonly #head: string | null;
  /** Everything before this place of the block is sealed. */
  #from: number;
  /** The last row that is; what comes behind it still grows. */
  #lastSealed: Element | null = null;
  #isLoose = false;

  /** Whether the block has a row: before that it is rendered as a whole. */
  static canOpen(block: string, type: string): boolean {
    if (type !== "table_open") return LIST_MARK.test(block);
    const head = TABLE_HEAD.exec(block)?.[0];
    return head !== undefined && block.includes("\n", head.length);
  }

  constructor(block: string, type: string, { live, env }: RowsPlace) {
    this.#live = live;
    this.#env = env;
    this.#head = type === "table_open" ? (TABLE_HEAD.exec(block)?.[0] ?? "") : null;
    this.#from = this.#head?.length ?? 0;
    // The number that a list begins with stands in its first line.
    const first = this.#head === null ? block.slice(0, block.indexOf("\n") + 1) : this.#standIn("");
    const fragment = parse(renderGrowing(first, {}), live.ownerDocument);
    this.element = fragment.firstElementChild as Element;
    this.#rows = rowsOf(this.element);
    this.#rows.replaceChildren("\n");
    live.replaceChildren(this.element);
  }

  /** Takes the block as it is now; gives its length once it has ended. */
  grow(block: string, isDone: boolean, hasNewLine: boolean): number | null {
    this.plainEnd = null;
    if (hasNewLine || isDone) {
      const { last, end } = this.#read(block, isDone);
      this.#seal(block, end ?? last);
      if (end !== null) return this.#close(end);
    }
    this.#renderLive(block.slice(this.#from));
    return null;
  }

  /** One row, with all that the rows before the rest say about it. */
  #standIn(rest: string): string {
    if (this.#head !== null) return `${this.#head}x\n`;
    const mark = LIST_MARK.exec(rest)?.[0] ?? "-";
    return `${mark} x\n${this.#isLoose ? "\n" : ""}`;
  }

  /** Looks at the whole lines. Once the list turns out to be loose, all of it is made again: that happens once. */
  #read(block: string, isDone: boolean): Rows {
    const lineAt = isDone ? block.length : block.lastIndexOf("\n") + 1;
    const lines = block.slice(this.#from, lineAt);
    const rows = this.#find(lines, block.slice(lineAt), isDone);
    if (!rows.isLoose || this.#isLoose) return rows;
    this.#isLoose = true;
    this.#from = 0;
    this.#lastSealed = null;
    this.#rows.replaceChildren("\n");
    return this.#read(block, isDone);
  }

  #find(lines: string, begun: string, isDone: boolean): Rows {
    const standIn = this.#standIn(lines);
    const text = standIn + lines;
    const tokens = parseBlocks(text, {});
    const next = tokens.filter((token) => token.level === 0 && token.map !== null)[1]?.map?.[0];
    const at = (line: number) => this.#from + lineStart(text, line) - standIn.length;
    const whole = this.#from + lines.length;
    const isOver = isDone || isEnded(tokens[0]?.type ?? "", lines, begun);
    const starts = this.#rowLines(tokens).filter((line) => next === undefined || line < next);
    return {
      last: at(starts.at(-1) ?? 0),
      end: next === undefined ? (isOver ? whole : null) : at(next),
      isLoose: this.#head === null && tokens[2]?.hidden === false,
    };
  }

  /** The lines in which rows begin; the stand-in is the first. */
  #rowLines(tokens: readonly Token[]): number[] {
    const isList = this.#head === null;
    return tokens
      .filter((token) =>
        isList ? token.type === "list_item_open" && token.level === 1 : token.type === "tr_open",
      )
      .map((token) => token.map?.[0] ?? 0)
      .filter((line) => isList || line >= HEAD_LINES);
  }

  #seal(block: string, to: number): void {
    if (to <= this.#from) return;
    const text = block.slice(this.#from, to);
    const html = renderSettled(this.#standIn(text) + text, this.#env);
    const { rows } = split(parse(html, this.#live.ownerDocument));
    for (const row of rows) decorate(row);
    morphChildren(this.#rows, this.#lastSealed, []);
    // The line breaks that stand between rows that are rendered together.
    for (const row of rows) this.#rows.append(row, "\n");
    this.#lastSealed = this.#rows.lastElementChild;
    this.#from = to;
  }

  #renderLive(rest: string): void {
    const text = this.#standIn(rest) + rest;
    const shown = repairEnd(text);
    const env = { references: { ...this.#env.references } };
    const { rows, behind } = split(parse(renderGrowing(shown, env), this.#live.ownerDocument));
    morphChildren(this.#rows, this.#lastSealed, rows);
    morphChildren(this.#live, this.element, behind);
    this.plainEnd = PlainEnd.find(text, shown, this.#live);
  }

  #close(length: number): number {
    morphChildren(this.#live, this.element, []);
    return length;
  }
}

function parse(html: string, document: Document): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function rowsOf(block: Element): Element {
  return block.querySelector(":scope tbody") ?? block;
}

/** What was rendered behind a stand-in, without it: the rows, and what is no row any more. */
function split(fragment: DocumentFragment): { rows: Element[]; behind: Element[] } {
  const [block, ...behind] = fragment.children;
  return { rows: block === undefined ? [] : [...rowsOf(block).children].slice(1), behind };
}
