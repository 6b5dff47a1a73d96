// A lazy chunk: highlight.js with its common languages.

import hljs from "highlight.js/lib/common";

/** Coloured HTML, or null for a language that is not known. */
export function highlight(code: string, language: string): string | null {
  if (hljs.getLanguage(language) === undefined) return null;
  return hljs.highlight(code, { language, ignoreIllegals: true }).value;
}
