// What was typed and not sent, by conversation. Kept where the page keeps things, so that it survives a reload.

export type DraftStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const keyOf = (conversationId: string) => `penstock.draft.${conversationId}`;

export class Drafts {
  readonly #storage: DraftStorage;

  constructor(storage: DraftStorage) {
    this.#storage = storage;
  }

  read(conversationId: string): string {
    return this.#storage.getItem(keyOf(conversationId)) ?? "";
  }

  /** Forgets the draft once its text was taken, unless another is being written. */
  settle(conversationId: string, sent: string): void {
    if (this.read(conversationId) === sent) this.write(conversationId, "");
  }

  write(conversationId: string, text: string): void {
    try {
      if (text === "") this.#storage.removeItem(keyOf(conversationId));
      else this.#storage.setItem(keyOf(conversationId), text);
    } catch {
      // A full or forbidden storage costs the draft's survival, never the typing.
    }
  }
}
