// Markdown -> HTML with the page's safety rules: no raw HTML, only http, https and mailto links, no remote images.

import MarkdownIt, {
  type Env,
  type MarkdownIt as Markdown,
  type RendererRule,
  type StateCore,
  type Token,
} from "markdown-it";
import { strings } from "../strings/language";
import { addMathRules } from "./math-rules";

const SAFE_LINK = /^(?:https?:\/\/|mailto:)/i;

const escapeHtml = (text: string) =>
  text.replace(
    /[&<>"]/g,
    (char) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[char] ?? char,
  );

const renderLinkOpen: RendererRule = (tokens, index, options, _env, renderer) => {
  const token = tokens[index];
  token?.attrSet("target", "_blank");
  token?.attrSet("rel", "noopener noreferrer nofollow");
  return renderer.renderToken(tokens, index, options);
};

/** An image would tell its host who reads: it is a link until somebody wants it. */
const renderImage: RendererRule = (tokens, index) => {
  const token = tokens[index];
  const address = token?.attrGet("src")?.toString() ?? "";
  const words = token?.content === "" || token === undefined ? strings().imageWords : token.content;
  return `<a class="image-link" href="${escapeHtml(address)}" target="_blank" rel="noopener noreferrer nofollow">${escapeHtml(words)}</a>`;
};

/** The frame of a code block; MdStream fills the same frame line by line. */
export function codeFrame(language: string, escapedCode: string): string {
  const name = escapeHtml(language);
  const label = strings().codeLabel(name);
  return (
    `<figure class="code"><figcaption><span class="code-language">${name}</span>` +
    `<button type="button" class="code-copy" data-copy-code>${strings().copy}</button></figcaption>` +
    `<pre tabindex="0" role="region" aria-label="${label}"><code data-language="${name}">${escapedCode}</code></pre></figure>\n`
  );
}

const renderFence: RendererRule = (tokens, index) => {
  const token = tokens[index];
  return codeFrame(languageOf(token?.info ?? ""), escapeHtml(token?.content ?? ""));
};

/** The language that a fence names. */
export function languageOf(info: string): string {
  return /^[\w#+.-]+/.exec(info.trim())?.[0] ?? "";
}

/** `- [ ] text` becomes a box that shows, and cannot be ticked. */
function tickTasks(state: StateCore): void {
  state.tokens.forEach((token: Token, index: number) => {
    if (token.type !== "inline" || state.tokens[index - 2]?.type !== "list_item_open") return;
    const mark = /^\[([ xX])\]\s/.exec(token.content);
    const first = token.children?.[0];
    if (mark === null || first?.type !== "text") return;
    first.content = first.content.slice(mark[0].length);
    const box = new state.Token("task_box", "", 0);
    box.meta = { isDone: mark[1] !== " " };
    token.children?.unshift(box);
    state.tokens[index - 2]?.attrJoin("class", "task");
  });
}

const renderTaskBox: RendererRule = (tokens, index) => {
  const isDone = (tokens[index]?.meta as { isDone?: boolean } | null)?.isDone === true;
  return `<input type="checkbox" disabled aria-label="${isDone ? strings().taskDone : strings().taskOpen}"${isDone ? " checked" : ""}> `;
};

function makeMarkdown(linkify: boolean): Markdown {
  const markdown = new MarkdownIt({ html: false, linkify, breaks: false });
  markdown.validateLink = (url) => SAFE_LINK.test(url);
  markdown.renderer.rules["link_open"] = renderLinkOpen;
  markdown.renderer.rules["image"] = renderImage;
  markdown.renderer.rules["fence"] = renderFence;
  markdown.renderer.rules["code_block"] = renderFence;
  markdown.renderer.rules["table_open"] = () =>
    `<figure class="table"><div class="table-scroll" tabindex="0" role="region" aria-label="${strings().tableLabel}"><table>\n`;
  markdown.renderer.rules["table_close"] = () =>
    `</table></div><button type="button" class="table-copy" data-copy-table>${strings().copyCsv}</button></figure>\n`;
  markdown.core.ruler.push("tasks", tickTasks);
  markdown.renderer.rules["task_box"] = renderTaskBox;
  addMathRules(markdown);
  return markdown;
}

const settled = makeMarkdown(true);
/** While it is written, an address may not be whole yet, so it becomes a link only when its block is complete. */
const growing = makeMarkdown(false);
const splitting = makeMarkdown(false);
splitting.core.ruler.enableOnly(["normalize", "block"]);

export type { Env, Token };

/** Splits Markdown into block tokens; what is inside them is not looked at. */
export function parseBlocks(text: string, env: Env): Token[] {
  return splitting.parse(text, env);
}

export function renderSettled(text: string, env: Env): string {
  return settled.render(text, env);
}

export function renderGrowing(text: string, env: Env): string {
  return growing.render(text, env);
}
