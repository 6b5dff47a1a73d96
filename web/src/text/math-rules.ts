// Math in Markdown: $$..$$, \[..\], \(..\) and $..$ become elements that carry their TeX; decorate.ts sets them.

import type { MarkdownIt, StateBlock, StateInline } from "markdown-it";

const BLOCKS = [
  ["$$", "$$"],
  ["\\[", "\\]"],
] as const;

const escapeHtml = (text: string) =>
  text.replace(
    /[&<>"]/g,
    (char) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[char] ?? char,
  );

/** The TeX of a math element is its text, so that it can be read before it is set, and copied after. */
function mathElement(tex: string, isDisplay: boolean): string {
  const shown = escapeHtml(tex);
  return isDisplay
    ? `<div class="math" data-tex="${shown}" data-display>${shown}</div>\n`
    : `<span class="math" data-tex="${shown}">${shown}</span>`;
}

function pushInline(state: StateInline, from: number, to: number, end: number, isDisplay: boolean): boolean {
  const tex = state.src.slice(from, to).trim();
  if (tex === "") return false;
  state.push("math_inline", "", 0).content = mathElement(tex, isDisplay).trimEnd();
  state.pos = end;
  return true;
}

/** `$x$`, but not "$5 or $10": no blank inside the signs, no digit after the closing one. */
function dollarMath(state: StateInline, silent: boolean): boolean {
  const { src, pos } = state;
  if (src[pos] !== "$") return false;
  const sign = src[pos + 1] === "$" ? "$$" : "$";
  const from = pos + sign.length;
  const to = src.indexOf(sign, from);
  if (to < 0 || silent) return false;
  const inside = src.slice(from, to);
  const isMoney = sign === "$" && (/^\s|\s$|\n/.test(inside) || /\d/.test(src[to + 1] ?? ""));
  return !isMoney && pushInline(state, from, to, to + sign.length, sign === "$$");
}

/** `\(x\)` and `\[x\]`; has to come before Markdown's own escapes. */
function bracketMath(state: StateInline, silent: boolean): boolean {
  const opening = state.src.slice(state.pos, state.pos + 2);
  if ((opening !== "\\(" && opening !== "\\[") || silent) return false;
  const from = state.pos + 2;
  const to = state.src.indexOf(opening === "\\(" ? "\\)" : "\\]", from);
  return to >= 0 && pushInline(state, from, to, to + 2, opening === "\\[");
}

function lineOf(state: StateBlock, line: number): string {
  const from = (state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0);
  return state.src.slice(from, state.eMarks[line] ?? from).trimEnd();
}

/** Display math that begins a line; it may span lines. Unclosed, it stays text: half a formula is worse than none. */
function blockMath(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  const first = lineOf(state, startLine);
  const pair = BLOCKS.find(([opening]) => first.startsWith(opening));
  if (pair === undefined) return false;
  const [opening, closing] = pair;
  const lines: string[] = [];
  for (let line = startLine; line < endLine; line += 1) {
    const text = line === startLine ? first.slice(opening.length) : lineOf(state, line);
    if (!text.endsWith(closing)) {
      if (text.includes(closing)) return false;
      lines.push(text);
      continue;
    }
    if (silent) return true;
    lines.push(text.slice(0, -closing.length));
    const token = state.push("math_block", "", 0);
    token.content = mathElement(lines.join("\n").trim(), true);
    token.map = [startLine, line + 1];
    state.line = line + 1;
    return true;
  }
  return false;
}

export function addMathRules(markdown: MarkdownIt): void {
  markdown.inline.ruler.before("escape", "bracket_math", bracketMath);
  markdown.inline.ruler.after("escape", "dollar_math", dollarMath);
  markdown.block.ruler.before("fence", "block_math", blockMath, { alt: ["paragraph"] });
  markdown.renderer.rules["math_inline"] = (tokens, index) => tokens[index]?.content ?? "";
  markdown.renderer.rules["math_block"] = (tokens, index) => tokens[index]?.content ?? "";
}
