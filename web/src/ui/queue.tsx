// What waits to be sent, each in a box of its own that can be written in.

import type { Queued } from "../chat/send-queue";
import { strings } from "../strings/language";
import { CloseIcon } from "./icons";
import { TextBox } from "./text-box";

interface QueueProps {
  items: readonly Queued[];
  /** Nothing runs that would send them: a person does. */
  isWaiting: boolean;
  onChange(id: string, text: string): void;
  onRemove(id: string): void;
  onSend(): void;
  /** Back to the composer. */
  onLeave(): void;
}

export function Queue({ items, isWaiting, onChange, onRemove, onSend, onLeave }: QueueProps) {
  if (items.length === 0) return null;
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    onLeave();
  };
  return (
    <section class="queue" aria-label={strings().queue}>
      <ol>
        {items.map(({ id, text }, index) => (
          <li key={id} class="queued">
            <TextBox
              text={text}
              aria-label={strings().queuedMessage(index + 1)}
              onText={(changed) => onChange(id, changed)}
              onEnter={onLeave}
              onKey={onKey}
            />
            <button
              type="button"
              class="quiet"
              onClick={() => {
                onRemove(id);
                onLeave();
              }}
              aria-label={strings().removeQueued(index + 1)}
            >
              <CloseIcon />
            </button>
          </li>
        ))}
      </ol>
      <p class="queue-row">
        <span>{isWaiting ? strings().queueWaits : strings().queueNext}</span>
        {isWaiting && (
          <button type="button" class="link-button" onClick={onSend}>
            {strings().sendQueued}
          </button>
        )}
      </p>
    </section>
  );
}
