// A code block while it is written: whole lines are appended and coloured once, the block is coloured as one at its end.

import { colourLine } from "./decorate";
import { codeFrame, languageOf } from "./markdown";

const OPENING = /^( {0,3})(`{3,}|~{3,})([^\n]*)\n/;

export class OpenFence {
  readonly element: HTMLElement;
  /** Words mean nothing here that whole lines do not show as fast. */
  readonly plainEnd = null;
  readonly #code: HTMLElement;
  readonly #partial: Text;
  readonly #language: string;
  readonly #indent: number;
  readonly #closing: RegExp;
  readonly #mayClose: RegExp;
  /** How far the text has been taken over as whole lines. */
  #taken: number;

  /** Whether the block is a fence whose end has not come. */
  static isOpen(block: string): boolean {
    const opening = OPENING.exec(block);
    if (opening === null) return false;
    return !closingOf(opening[2] ?? "").test(block.slice(opening[0].length));
  }

  constructor(block: string, document: Document) {
    const [whole = "", indent = "", marker = "```", info = ""] = OPENING.exec(block) ?? [];
    this.#language = languageOf(info);
    this.#indent = indent.length;
    this.#taken = whole.length;
    this.#closing = new RegExp(`^ {0,3}\\${marker[0]}{${marker.length},}[ \\t]*$`);
    this.#mayClose = new RegExp(`^ {0,3}\\${marker[0]}*[ \\t]*$`);
    const frame = document.createElement("div");
    frame.innerHTML = codeFrame(this.#language, "");
    this.element = frame.firstElementChild as HTMLElement;
    this.#code = frame.querySelector("code") as HTMLElement;
    this.#partial = document.createTextNode("");
    this.#code.append(this.#partial);
  }

  /** Takes the block as it is now; gives the length of the whole fence once it has ended. */
  grow(block: string, isDone: boolean): number | null {
    for (;;) {
      const end = block.indexOf("\n", this.#taken);
      if (end < 0) break;
      const line = block.slice(this.#taken, end);
      this.#taken = end + 1;
      if (this.#closing.test(line)) return this.#close(this.#taken);
      this.#appendLine(this.#strip(line));
    }
    const rest = block.slice(this.#taken);
    if (isDone) {
      if (!this.#closing.test(rest)) this.#partial.data = this.#strip(rest);
      return this.#close(block.length);
    }
    // What may become the closing line is not shown as code.
    this.#partial.data = this.#mayClose.test(rest) ? "" : this.#strip(rest);
    return null;
  }

  /** Text nodes become one, so that selecting and colouring see one text. */
  #close(length: number): number {
    if (this.#partial.data === "") this.#partial.remove();
    return length;
  }

  /** Takes the fence's own indentation away; what is left of a tab is blanks. */
  #strip(line: string): string {
    let [at, width] = [0, 0];
    for (; width < this.#indent && (line[at] === " " || line[at] === "\t"); at += 1) {
      width += line[at] === " " ? 1 : 4 - (width % 4);
    }
    return " ".repeat(Math.max(0, width - this.#indent)) + line.slice(at);
  }

  #appendLine(line: string): void {
    const coloured = colourLine(line, this.#language);
    this.#partial.data = "";
    if (coloured === null) {
      this.#partial.before(`${line}\n`);
      return;
    }
    const span = this.#code.ownerDocument.createElement("span");
    span.innerHTML = coloured;
    this.#partial.before(span, "\n");
  }
}

function closingOf(marker: string): RegExp {
  return new RegExp(`^ {0,3}\\${marker[0]}{${marker.length},}[ \\t]*(?:\\n|$)`, "m");
}
