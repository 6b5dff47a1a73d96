// Markdown of an answer. The element belongs to the text view; Preact never looks inside.

import { createContext } from "preact";
import { useContext, useLayoutEffect, useRef } from "preact/hooks";
import { type TextDisplay, TextView } from "../text/text-view";

/** How this person wants text to come. */
export const DisplayContext = createContext<TextDisplay>("smooth");

interface AnswerTextProps {
  text: string;
  isDone: boolean;
  isInstant: boolean;
}

export function AnswerText({ text, isDone, isInstant }: AnswerTextProps) {
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
