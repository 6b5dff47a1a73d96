// The text of an answer. What renders Markdown is half of the page's code, and an empty chat has none of it: it comes after
// the page, and until it is there the text stands as it was written.

import { lazy } from "./lazy";
import type { AnswerTextProps } from "./markdown-text";

function PlainText({ text }: AnswerTextProps) {
  return <div class="prose prose-plain">{text}</div>;
}

export const AnswerText = lazy(async () => (await import("./markdown-text")).MarkdownText, PlainText);
