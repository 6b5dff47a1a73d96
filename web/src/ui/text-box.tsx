// A box that grows with its text. Enter is the person's "done" and Shift+Enter a new line, or Enter is the line and Ctrl
// with it is "done", as was chosen. Enter that ends an input method's word is neither.

import type { RefObject, TextareaHTMLAttributes } from "preact";
import { useContext, useLayoutEffect, useRef } from "preact/hooks";
import { type SendKey, SendKeyContext } from "./send-key-context";

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
  // Its one row is enough for no text; to ask would lay the page out before it is complete.
  if (box.value === "") return;
  box.style.height = `${box.scrollHeight}px`;
}

function isDone(event: KeyboardEvent, sendKey: SendKey): boolean {
  // keyCode 229: Safari ends the composition before the key that ended it.
  const isComposing = event.isComposing || event.keyCode === 229;
  if (event.key !== "Enter" || isComposing) return false;
  return event.ctrlKey || event.metaKey || (sendKey === "enter" && !event.shiftKey);
}

export function TextBox({ box, text, onText, onEnter, onKey, ...rest }: TextBoxProps) {
  const own = useRef<HTMLTextAreaElement>(null);
  const ref = box ?? own;
  const sendKey = useContext(SendKeyContext);

  useLayoutEffect(() => {
    if (ref.current !== null) fitHeight(ref.current);
  }, [text, ref]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!isDone(event, sendKey)) {
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
      enterkeyhint={sendKey === "enter" ? "send" : "enter"}
      onInput={(event) => onText(event.currentTarget.value)}
      onKeyDown={onKeyDown}
    />
  );
}
