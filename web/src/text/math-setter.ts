// A lazy chunk: KaTeX with its styles and fonts.

import "katex/dist/katex.min.css";
import katex from "katex";

/** HTML of a formula; what KaTeX cannot read stays as it was written, marked. */
export function setMath(tex: string, isDisplay: boolean): string {
  return katex.renderToString(tex, {
    displayMode: isDisplay,
    throwOnError: false,
    trust: false,
    strict: false,
  });
}
