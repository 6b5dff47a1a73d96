// A sent question being put in other words. Sending makes a branch; the old one stays.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { strings } from "../strings/language";
import { TextBox } from "./text-box";

interface QuestionEditorProps {
  text: string;
  /** It can be written and not be sent. */
  isHeld: boolean;
  onSend(text: string): void;
  onCancel(): void;
}

export function QuestionEditor({ text: before, isHeld, onSend, onCancel }: QuestionEditorProps) {
  const [text, setText] = useState(before);
  const box = useRef<HTMLTextAreaElement>(null);

  // Before the next key: what is typed on is meant for this box.
  useLayoutEffect(() => {
    box.current?.focus();
    box.current?.setSelectionRange(before.length, before.length);
  }, [before]);

  const send = () => {
    if (!isHeld && text.trim() !== "") onSend(text);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.isComposing) return;
    // This Escape leaves the box; it must not stop the answer as well.
    event.preventDefault();
    onCancel();
  };
  return (
    <form
      class="question-editor"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <TextBox
        box={box}
        text={text}
        aria-label={strings().editMessage}
        onText={setText}
        onEnter={send}
        onKey={onKey}
      />
      <div class="question-editor-row">
        <span class="composer-hint">{strings().editKeeps}</span>
        <button type="button" class="button button-plain" onClick={onCancel}>
          {strings().cancel}
        </button>
        <button type="submit" class="button" disabled={isHeld || text.trim() === ""}>
          {strings().send}
        </button>
      </div>
    </form>
  );
}
