// Markdown while it is written: sealed blocks and a live tail. A block that can no longer change is rendered once and left
// alone; only the last block is rendered again as it grows. Cost follows what arrives, not the length of the answer.

import morphdom from "morphdom";
import remend from "remend";
import { decorate } from "./decorate";
import { type Env, parseBlocks, renderGrowing, renderSettled, type Token } from "./markdown";
import { OpenFence } from "./open-fence";

const REMEND = { katex: false, inlineKatex: false, linkMode: "text-only", htmlTags: false } as const;

/** Renders a growing text into an element. The text may only grow; anything else starts over. */
export class MdStream {
  readonly #root: HTMLElement;
  readonly #live: HTMLElement;
  #env: Env = {};
  #text = "";
  /** Everything before this place is sealed. */
  #sealedTo = 0;
  #fence: OpenFence | null = null;
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
    this.#text = text;
    this.#isDone = isDone;
    if (this.#fence !== null) this.#growFence(isDone);
    if (this.#fence === null) this.#growBlocks(isDone);
    if (isDone) this.#finish();
  }

  #reset(): void {
    this.#env = {};
    this.#text = "";
    this.#sealedTo = 0;
    this.#fence = null;
    this.#referencesAtSeal = 0;
    this.#isDone = false;
    this.#live.replaceChildren();
    this.#root.replaceChildren(this.#live);
  }

  #growBlocks(isDone: boolean): void {
    const tail = this.#text.slice(this.#sealedTo);
    if (isDone) {
      this.#seal(tail);
      return;
    }
    // Definitions of links count only once their line is sealed: half an address would stay for good.
    const env = { references: { ...this.#env.references } };
    const blocks = parseBlocks(tail, env).filter((token) => token.level === 0 && token.map !== null);
    const last = blocks.at(-1);
    const cut = lineStart(tail, sealableLines(tail, blocks));
    if (cut > 0) this.#seal(tail.slice(0, cut));
    const block = tail.slice(cut);
    if (last?.type === "fence" && OpenFence.isOpen(block)) this.#openFence(block);
    else this.#renderLive(block, env);
  }

  #renderLive(block: string, env: Env): void {
    const shown = remend(block, REMEND);
    const next = this.#live.cloneNode(false) as HTMLElement;
    next.innerHTML = renderGrowing(shown, env);
    morphdom(this.#live, next, { onBeforeElUpdated: (from, to) => !from.isEqualNode(to) });
  }

  #openFence(block: string): void {
    this.#fence = new OpenFence(block, this.#root.ownerDocument);
    this.#live.replaceChildren(this.#fence.element);
    this.#growFence(false);
  }

  #growFence(isDone: boolean): void {
    const fence = this.#fence;
    if (fence === null) return;
    const end = fence.grow(this.#text.slice(this.#sealedTo), isDone);
    if (end === null) return;
    this.#sealedTo += end;
    this.#fence = null;
    this.#live.before(fence.element);
    decorate(this.#root);
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

/** How many lines lie before the block that may still change. */
function sealableLines(tail: string, blocks: readonly Token[]): number {
  const last = blocks.at(-1);
  const line = last?.map?.[0] ?? 0;
  // A number may become the next item of the list before it: `3` is a paragraph, `3.` is not.
  const mayJoinList = last?.type === "paragraph_open" && /\n {0,3}\d{1,9}$/.test(tail);
  if (!mayJoinList) return line;
  const before = blocks.findLast((block) => block.nesting >= 0 && (block.map?.[0] ?? 0) < line);
  return before?.map?.[0] ?? 0;
}

/** Offset of the line's first character. */
function lineStart(text: string, line: number): number {
  let at = 0;
  for (let count = 0; count < line; count += 1) {
    const end = text.indexOf("\n", at);
    if (end < 0) return text.length;
    at = end + 1;
  }
  return at;
}
