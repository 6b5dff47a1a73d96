// The cheap way for most of what arrives: words. While the growing end is nothing but words inside one text node, more
// of them are appended to that node, without parsing. Everything that could mean something to Markdown ends this.

/** Characters that start, end and change nothing in Markdown once their line has a letter before them. */
const WORDS = /^[\p{L}\p{N} ,.'’“”"!?()-]*$/u;
const LETTER = /\p{L}/u;
/** A line that may be a link's definition shows nothing of itself. */
const DEFINITION = /^[\s>*+\d.)-]*\[/;
/** All that repairing the end may have added: marks that close what is open. Anything else has changed the text. */
const CLOSERS = /^[*_~`]*$/;
const PLACES = new Set(["P", "LI", "STRONG", "EM", "S", "H1", "H2", "H3", "H4", "H5", "H6"]);
/** Here blanks, columns and closings have a meaning. */
const STRICT = "table, figure, pre, code";
/** How far back the words are looked at. */
const REACH = 64;

export class PlainEnd {
  readonly #node: Text;
  /** What the node shows before the words. */
  readonly #before: string;
  #words: string;

  private constructor(node: Text, before: string, words: string) {
    this.#node = node;
    this.#before = before;
    this.#words = words;
  }

  /** The plain end of a block that was just rendered from `shown`, its source with the end repaired; null if it has none. */
  static find(block: string, shown: string, live: Element): PlainEnd | null {
    const source = block.trimEnd();
    if (!shown.startsWith(source) || !CLOSERS.test(shown.slice(source.length))) return null;
    if (DEFINITION.test(block.slice(block.lastIndexOf("\n") + 1))) return null;
    const words = endingWords(block);
    const node = lastText(live);
    if (node === null || !LETTER.test(words) || !node.data.endsWith(words.trimEnd())) return null;
    const place = node.parentElement;
    if (place === null || !PLACES.has(place.nodeName) || place.closest(STRICT) !== null) return null;
    return new PlainEnd(node, node.data.slice(0, node.data.length - words.trimEnd().length), words);
  }

  /** Shows more words; false when the text has more than words. */
  append(text: string): boolean {
    if (!WORDS.test(text)) return false;
    this.#words += text;
    // A blank at the end of a block is not shown.
    this.#node.data = this.#before + this.#words.trimEnd();
    return true;
  }
}

function endingWords(block: string): string {
  const near = block.slice(-REACH);
  let from = near.length;
  while (from > 0 && WORDS.test(near.charAt(from - 1))) from -= 1;
  return near.slice(from);
}

/** The text at the very end, without the line breaks between blocks. */
function lastText(element: Element): Text | null {
  let node: Node | null = element.lastChild;
  while (node !== null) {
    if (node.nodeType === Node.TEXT_NODE) {
      if ((node as Text).data.trim() !== "") return node as Text;
      node = node.previousSibling;
    } else {
      node = node.lastChild;
    }
  }
  return null;
}
