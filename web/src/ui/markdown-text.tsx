// Markdown of an answer. The element belongs to the text view; Preact never looks inside.

import { useContext, useLayoutEffect, useRef } from "preact/hooks";
import { TextView } from "../text/text-view";
import { DisplayContext } from "./display-context";

export interface AnswerTextProps {
  text: string;
  isDone: boolean;
  isInstant: boolean;
}

export function MarkdownText({ text, isDone, isInstant }: AnswerTextProps) {
  const element = useRef<HTMLDivElement>(null);
  const view = useRef<TextView | null>(null);
  const display = useContext(DisplayContext);

  useLayoutEffect(() => {
    const root = element.current;
    if (root === null) return;
    view.current = new TextView(root);
    return () => view.current?.close();
  }, []);

  useLayoutEffect(() => {
    view.current?.set({ text, isDone, isInstant, display });
  }, [text, isDone, isInstant, display]);

  return <div class="prose" ref={element} />;
}
