// A box that grows with its text. Enter is the person's "done", Shift+Enter a new line, and Enter that ends an input
// method's word is neither.

import type { RefObject, TextareaHTMLAttributes } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface TextBoxProps extends Pick<TextareaHTMLAttributes, "id" | "placeholder" | "aria-label" | "class"> {
  box?: RefObject<HTMLTextAreaElement | null>;
  text: string;
  onText(text: string): void;
  onEnter(): void;
  /** Any other key. */
  onKey?(event: KeyboardEvent): void;
}

function fitHeight(box: HTMLTextAreaElement): void {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}

function isDone(event: KeyboardEvent): boolean {
  // keyCode 229: Safari ends the composition before the key that ended it.
  const isComposing = event.isComposing || event.keyCode === 229;
  return event.key === "Enter" && !event.shiftKey && !isComposing;
}

export function TextBox({ box, text, onText, onEnter, onKey, ...rest }: TextBoxProps) {
  const own = useRef<HTMLTextAreaElement>(null);
  const ref = box ?? own;

  useLayoutEffect(() => {
    if (ref.current !== null) fitHeight(ref.current);
  }, [text, ref]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!isDone(event)) {
      onKey?.(event);
      return;
    }
    event.preventDefault();
    if (!event.repeat) onEnter();
  };

  return (
    <textarea
      {...rest}
      ref={ref}
      rows={1}
      value={text}
      enterkeyhint="send"
      onInput={(event) => onText(event.currentTarget.value)}
      onKeyDown={onKeyDown}
    />
  );
}
