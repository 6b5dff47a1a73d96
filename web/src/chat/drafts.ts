// What was typed and not sent, by conversation: messages, and the instructions of chats to come. Kept where the page keeps things, so that it survives a reload.

export type DraftStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export class Drafts {
  readonly #storage: DraftStorage;
  readonly #prefix: string;

  constructor(storage: DraftStorage, kind: "draft" | "instructions" = "draft") {
    this.#storage = storage;
    this.#prefix = `penstock.${kind}.`;
  }

  read(conversationId: string): string {
    return this.#storage.getItem(this.#prefix + conversationId) ?? "";
  }

  /** Forgets the draft once its text was taken, unless another is being written. */
  settle(conversationId: string, sent: string): void {
    if (this.read(conversationId) === sent) this.write(conversationId, "");
  }

  write(conversationId: string, text: string): void {
    try {
      if (text === "") this.#storage.removeItem(this.#prefix + conversationId);
      else this.#storage.setItem(this.#prefix + conversationId, text);
    } catch {
      // A full or forbidden storage costs the draft's survival, never the typing.
    }
  }
}
