import { useEffect } from "preact/hooks";
import { announce } from "../chat/announcement";
import { strings } from "../strings/language";

interface ToastProps {
  words: string;
  action: string;
  onAction(): void;
  onDismiss(): void;
}

/** Something was done, and can be undone for a while. */
export function Toast({ words, action, onAction, onDismiss }: ToastProps) {
  useEffect(() => announce(words), [words]);
  return (
    <aside class="toast" aria-label={words}>
      <span>{words}</span>
      <button type="button" class="button" onClick={onAction}>
        {action}
      </button>
      <button type="button" class="button button-plain" onClick={onDismiss}>
        {strings().dismiss}
      </button>
    </aside>
  );
}
