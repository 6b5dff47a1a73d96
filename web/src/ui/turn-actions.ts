// What a person can do with a message. The page decides what comes of it.

export interface TurnActions {
  onShowBranch(messageId: string): void;
  /** Opens a sent question for other words, or closes it again. */
  onEdit(messageId: string | null): void;
  onSendEdited(messageId: string, text: string): void;
  onRegenerate(messageId: string, modelId?: string): void;
  onContinue(messageId: string): void;
  onRetry(): void;
  onTakeBack(): void;
}
