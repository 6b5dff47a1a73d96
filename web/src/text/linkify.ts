// Stands in for the package `linkify-it`, which also knows schemes and guesses that this page never makes links of.

/** What an address may hold; what ends a sentence is taken off again. */
const ADDRESS = /(?:https?:\/\/|mailto:)[^\s<>"`{}|\\^]+/gi;
const SENTENCE_END = /[.,;:!?'"*_~…]/u;

interface Link {
  readonly schema: string;
  readonly index: number;
  readonly text: string;
  readonly url: string;
}

const OPENING: Readonly<Record<string, string>> = { ")": "(", "]": "[" };

/** Without what belongs to the sentence around it: its punctuation, and brackets that were opened before it. */
function trimmed(address: string): string {
  const surplus: Record<string, number> = {};
  for (const [closing, opening] of Object.entries(OPENING)) {
    surplus[closing] = address.split(closing).length - address.split(opening).length;
  }
  let end = address.length;
  for (;;) {
    const last = address.charAt(end - 1);
    const isExtra = (surplus[last] ?? 0) > 0;
    if (isExtra) surplus[last] = (surplus[last] ?? 0) - 1;
    else if (!SENTENCE_END.test(last)) return address.slice(0, end);
    end -= 1;
  }
}

function linkAt(address: string, index: number): Link | null {
  const text = trimmed(address);
  const schema = text.slice(0, text.indexOf(":") + 1).toLowerCase();
  const target = text.slice(schema.length).replace(/^\/\//, "");
  const isWhole = schema === "mailto:" ? /^[^@]+@[^@]+$/.test(target) : /^[\p{L}\p{N}[]/u.test(target);
  return isWhole ? { schema, index, text, url: text } : null;
}

export class LinkifyIt {
  test(text: string): boolean {
    return text.search(ADDRESS) >= 0;
  }

  match(text: string): Link[] {
    return [...text.matchAll(ADDRESS)].flatMap((found) => {
      // A letter before it makes it a part of a word.
      if (/[\p{L}\p{N}]/u.test(text[found.index - 1] ?? "")) return [];
      return linkAt(found[0], found.index) ?? [];
    });
  }

  matchAtStart(text: string): Link | null {
    const first = this.match(text)[0];
    return first?.index === 0 ? first : null;
  }
}
