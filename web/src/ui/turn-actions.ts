// What a person can do with a message. The page decides what comes of it.

import type { ReadonlySignal } from "@preact/signals";

export interface TurnActions {
  /**
   * Whether a turn is under way, and nothing else may be asked. A signal, bound to what it disables: it changes with every
   * turn, and rendering the buttons of all messages for it made a turn the dearer the longer the conversation was.
   */
  readonly isTaken: ReadonlySignal<boolean>;
  onShowBranch(messageId: string): void;
  /** Opens a sent question for other words, or closes it again. */
  onEdit(messageId: string | null): void;
  onSendEdited(messageId: string, text: string): void;
  onRegenerate(messageId: string, modelId?: string): void;
  onContinue(messageId: string): void;
  onRetry(): void;
  onTakeBack(): void;
}
