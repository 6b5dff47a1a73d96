// Markdown while it is written: sealed blocks and a live tail. A block that can no longer change is rendered once and left
// alone; only the last block is rendered again as it grows, and of a list or a table only the last row. Cost follows what
// arrives, not the length of the answer.

import { decorate } from "./decorate";
import { repairEnd } from "./growing-end";
import { type Env, renderGrowing, renderSettled } from "./markdown";
import { morph } from "./morph";
import { OpenFence } from "./open-fence";
import { OpenRows } from "./open-rows";
import { PlainEnd } from "./plain-end";
import { findSealable } from "./sealing";

/** The longest beginning of a line that is still looked at as one. */
const LINE_START = 80;

const ROW_BLOCKS = new Set(["bullet_list_open", "ordered_list_open", "table_open"]);

/** Renders a growing text into an element. The text may only grow; anything else starts over. */
export class MdStream {
  readonly #root: HTMLElement;
  readonly #live: HTMLElement;
  #env: Env = {};
  #text = "";
  /** Everything before this place is sealed. */
  #sealedTo = 0;
  /** The last block, when it grows by lines or rows. */
  #open: OpenFence | OpenRows | null = null;
  #plainEnd: PlainEnd | null = null;
  #referencesAtSeal = 0;
  #isDone = false;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#live = root.ownerDocument.createElement("div");
    this.#live.className = "live";
    this.#reset();
  }

  /** Shows the text; `isDone` says that it is whole. */
  set(text: string, isDone: boolean): void {
    const isSame = text.length === this.#text.length;
    if (isSame && isDone === this.#isDone) return;
    if (this.#isDone || !text.startsWith(this.#text)) this.#reset();
    const added = text.slice(this.#text.length);
    const hasNewBlock = added.includes("\n") || /(?:^|\n)[ \t]*$/.test(this.#text.slice(-LINE_START));
    this.#text = text;
    this.#isDone = isDone;
    if (!isDone && this.#plainEnd?.append(added)) return;
    this.#plainEnd = null;
    if (this.#open === null) this.#growBlocks(isDone, hasNewBlock);
    else this.#growOpen(this.#open, isDone, hasNewBlock);
    if (isDone) this.#finish();
  }

  #reset(): void {
    this.#env = {};
    this.#text = "";
    this.#sealedTo = 0;
    this.#open = null;
    this.#plainEnd = null;
    this.#referencesAtSeal = 0;
    this.#isDone = false;
    this.#live.replaceChildren();
    this.#root.replaceChildren(this.#live);
  }

  /** Blocks are told apart only where a line begins: in the midst of one nothing before it can become complete. */
  #growBlocks(isDone: boolean, hasNewBlock: boolean): void {
    const tail = this.#text.slice(this.#sealedTo);
    if (isDone) this.#seal(tail);
    else if (hasNewBlock) this.#splitBlocks(tail);
    else this.#renderLive(tail);
  }

  #splitBlocks(tail: string): void {
    const { length, growing } = findSealable(tail, this.#growingEnv());
    if (length > 0) this.#seal(tail.slice(0, length));
    const block = tail.slice(length);
    const open = growing === null ? null : this.#openBlock(block, growing);
    if (open === null) this.#renderLive(block);
    else this.#growOpen(open, false, true);
  }

  /** Definitions of links count only once their line is sealed: half an address would stay for good. */
  #growingEnv(): Env {
    return { references: { ...this.#env.references } };
  }

  #renderLive(block: string): void {
    const shown = repairEnd(block);
    const next = this.#live.cloneNode(false) as HTMLElement;
    next.innerHTML = renderGrowing(shown, this.#growingEnv());
    morph(this.#live, next);
    this.#plainEnd = PlainEnd.find(block, shown, this.#live);
  }

  #openBlock(block: string, type: string): OpenFence | OpenRows | null {
    if (type === "fence" && OpenFence.isOpen(block)) {
      this.#open = new OpenFence(block, this.#root.ownerDocument);
      this.#live.replaceChildren(this.#open.element);
    } else if (ROW_BLOCKS.has(type) && OpenRows.canOpen(block, type)) {
      this.#open = new OpenRows(block, type, { live: this.#live, env: this.#env });
    }
    return this.#open;
  }

  #growOpen(open: OpenFence | OpenRows, isDone: boolean, hasNewBlock: boolean): void {
    const end = open.grow(this.#text.slice(this.#sealedTo), isDone, hasNewBlock);
    if (open instanceof OpenRows) this.#referencesAtSeal ||= this.#countReferences() + 1;
    this.#plainEnd = open.plainEnd;
    if (end === null) return;
    this.#sealedTo += end;
    this.#open = null;
    this.#live.before(open.element, "\n");
    decorate(open.element);
    this.#growBlocks(isDone, true);
  }

  #seal(markdown: string): void {
    const html = renderSettled(markdown, this.#env);
    this.#sealedTo += markdown.length;
    this.#live.replaceChildren();
    if (html.trim() === "") return;
    const template = this.#root.ownerDocument.createElement("template");
    template.innerHTML = html;
    decorate(template.content);
    this.#live.before(template.content);
    this.#referencesAtSeal ||= this.#countReferences() + 1;
  }

  #finish(): void {
    this.#live.remove();
    // A link whose definition came after its block was sealed: the only thing that looks back. Rendered once more.
    if (this.#referencesAtSeal > 0 && this.#countReferences() + 1 > this.#referencesAtSeal) {
      this.#root.innerHTML = renderSettled(this.#text, this.#env);
    }
    decorate(this.#root);
  }

  #countReferences(): number {
    return Object.keys(this.#env.references ?? {}).length;
  }
}
