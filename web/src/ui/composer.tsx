// Where a person writes. Enter sends, Shift+Enter is a new line, and Enter that ends an input method's word is neither.

import type { ComponentChildren, RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { strings } from "../strings/language";
import { SendIcon, StopIcon } from "./icons";

interface ComposerProps {
  box: RefObject<HTMLTextAreaElement | null>;
  text: string;
  mode: "ready" | "answering" | "blocked";
  onInput(text: string): void;
  onSend(): void;
  onStop(): void;
  children: ComponentChildren;
}

function fitHeight(box: HTMLTextAreaElement): void {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}

export function Composer({ box, text, mode, onInput, onSend, onStop, children }: ComposerProps) {
  useLayoutEffect(() => {
    if (box.current !== null) fitHeight(box.current);
  }, [text]);

  const onKeyDown = (event: KeyboardEvent) => {
    // keyCode 229: Safari ends the composition before the key that ended it.
    const isComposing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || isComposing) return;
    event.preventDefault();
    if (!event.repeat) onSend();
  };

  const onSubmit = (event: Event) => {
    event.preventDefault();
    onSend();
  };

  return (
    <form class="composer" onSubmit={onSubmit}>
      <label class="visually-hidden" for="composer-text">
        {strings().message}
      </label>
      <textarea
        id="composer-text"
        ref={box}
        rows={1}
        value={text}
        placeholder={strings().placeholder}
        enterkeyhint="send"
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div class="composer-row">
        {children}
        <span class="composer-hint">{mode === "answering" ? strings().stopHint : strings().sendHint}</span>
        {mode === "answering" ? (
          <button
            type="button"
            class="send stop"
            onClick={onStop}
            aria-label={strings().stopAnswer}
            title={strings().stopTitle}
          >
            <StopIcon />
          </button>
        ) : (
          <button
            type="submit"
            class="send"
            disabled={mode === "blocked" || text.trim() === ""}
            aria-label={strings().send}
            title={strings().send}
          >
            <SendIcon />
          </button>
        )}
      </div>
    </form>
  );
}
