// Where a person writes. While an answer is written, what is sent waits in the queue.

import type { ComponentChildren, RefObject } from "preact";
import { useContext } from "preact/hooks";
import { strings } from "../strings/language";
import { SendIcon, StopIcon } from "./icons";
import { type SendKey, SendKeyContext } from "./send-key-context";
import { TextBox } from "./text-box";

interface ComposerProps {
  box: RefObject<HTMLTextAreaElement | null>;
  text: string;
  /** The files of the message, over the box. */
  files: ComponentChildren;
  hasFiles: boolean;
  /** It cannot go yet: a file is on its way, or cannot be taken. */
  isHeld: boolean;
  mode: "ready" | "answering" | "blocked";
  onInput(text: string): void;
  onSend(): void;
  onStop(): void;
  /** The up arrow in an empty box: the last question is to be put in other words. */
  onEditLast(): void;
  children: ComponentChildren;
}

function hintOf(mode: ComposerProps["mode"], hasText: boolean, sendKey: SendKey): string {
  if (mode !== "answering") return strings().sendHints[sendKey];
  return hasText ? strings().queueHint : strings().stopHint;
}

export function Composer(props: ComposerProps) {
  const { box, text, mode, isHeld, onInput, onSend, onStop, onEditLast } = props;
  const hasText = text.trim() !== "" || props.hasFiles;
  const isAnswering = mode === "answering";

  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "ArrowUp" || text !== "" || event.isComposing) return;
    event.preventDefault();
    onEditLast();
  };
  // Stop takes the place of Send under the pointer: the second click of a double click means neither.
  const onStopClick = (event: MouseEvent) => {
    if (event.detail !== 2) onStop();
  };
  const onSubmit = (event: Event) => {
    event.preventDefault();
    onSend();
  };

  return (
    <form class="composer" onSubmit={onSubmit}>
      {props.files}
      <label class="visually-hidden" for="composer-text">
        {strings().message}
      </label>
      <TextBox
        id="composer-text"
        box={box}
        text={text}
        placeholder={strings().placeholder}
        onText={onInput}
        onEnter={onSend}
        onKey={onKey}
      />
      <div class="composer-row">
        {props.children}
        <span class="composer-hint">{hintOf(mode, hasText, useContext(SendKeyContext))}</span>
        {isAnswering && (
          <button
            type="button"
            class="send stop"
            onClick={onStopClick}
            aria-label={strings().stopAnswer}
            title={strings().stopTitle}
          >
            <StopIcon />
          </button>
        )}
        {(!isAnswering || hasText) && (
          <button
            type="submit"
            class="send"
            disabled={mode === "blocked" || !hasText || isHeld}
            aria-label={isAnswering ? strings().queueSend : strings().send}
            title={isAnswering ? strings().queueSend : strings().send}
          >
            <SendIcon />
          </button>
        )}
      </div>
    </form>
  );
}
