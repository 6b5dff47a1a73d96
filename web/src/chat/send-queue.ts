// What was sent while an answer was being written: it waits here, can still be changed, and goes out when the answer is
// whole. A stop, a failure or a reload leaves it waiting: then a person says when.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { AttachmentPart } from "../wire/types/messages";

export interface Queued {
  readonly id: string;
  readonly text: string;
  readonly model: string | null;
  readonly files?: readonly AttachmentPart[];
}

export type QueueStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** One conversation's queue. Kept for this tab alone: two tabs that both send it would send it twice. */
export class SendQueue {
  readonly #key: string;
  readonly #storage: QueueStorage;
  readonly #items = signal<readonly Queued[]>([]);

  constructor(conversationId: string, storage: QueueStorage) {
    this.#key = `penstock.queue.${conversationId}`;
    this.#storage = storage;
    this.#items.value = read(storage.getItem(this.#key));
  }

  get items(): ReadonlySignal<readonly Queued[]> {
    return this.#items;
  }

  add(queued: Queued): void {
    this.#keep([...this.#items.peek(), queued]);
  }

  change(id: string, text: string): void {
    this.#keep(this.#items.peek().map((queued) => (queued.id === id ? { ...queued, text } : queued)));
  }

  remove(id: string): void {
    this.#keep(this.#items.peek().filter((queued) => queued.id !== id));
  }

  /** Takes the first one that has anything in it. */
  take(): Queued | null {
    const [first, ...rest] = this.#items
      .peek()
      .filter(({ text, files }) => text.trim() !== "" || (files ?? []).length > 0);
    this.#keep(rest);
    return first ?? null;
  }

  #keep(items: readonly Queued[]): void {
    this.#items.value = items;
    try {
      if (items.length === 0) this.#storage.removeItem(this.#key);
      else this.#storage.setItem(this.#key, JSON.stringify(items));
    } catch {
      // A full or forbidden storage costs the queue's survival of a reload, never the queue.
    }
  }
}

function read(kept: string | null): readonly Queued[] {
  try {
    return kept === null ? [] : (JSON.parse(kept) as Queued[]);
  } catch {
    return [];
  }
}
