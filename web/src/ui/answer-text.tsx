// Markdown of an answer. The element belongs to the text view; Preact never looks inside.

import { useLayoutEffect, useRef } from "preact/hooks";
import { TextView } from "../text/text-view";

interface AnswerTextProps {
  text: string;
  isDone: boolean;
  isInstant: boolean;
}

export function AnswerText({ text, isDone, isInstant }: AnswerTextProps) {
  const element = useRef<HTMLDivElement>(null);
  const view = useRef<TextView | null>(null);

  useLayoutEffect(() => {
    const root = element.current;
    if (root === null) return;
    view.current = new TextView(root);
    return () => view.current?.close();
  }, []);

  useLayoutEffect(() => {
    view.current?.set({ text, isDone, isInstant });
  }, [text, isDone, isInstant]);

  return <div class="prose" ref={element} />;
}
