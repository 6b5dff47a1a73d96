// The list of conversations, newest first, as the server has it and as a person just changed it.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Api } from "../wire/api";
import type { Conversation } from "../wire/events";
import { networkProblem, type Problem } from "../wire/problem";

export class ConversationList {
  readonly #api: Api;
  readonly #all = signal<readonly Conversation[]>([]);
  readonly #problem = signal<Problem | null>(null);
  readonly #isLoaded = signal(false);
  readonly #cursor = signal<string | null>(null);

  constructor(api: Api) {
    this.#api = api;
  }

  get all(): ReadonlySignal<readonly Conversation[]> {
    return this.#all;
  }

  get problem(): ReadonlySignal<Problem | null> {
    return this.#problem;
  }

  get isLoaded(): ReadonlySignal<boolean> {
    return this.#isLoaded;
  }

  get hasMore(): boolean {
    return this.#cursor.value !== null;
  }

  async load(): Promise<void> {
    await this.#try(async () => {
      const page = await this.#api.listConversations();
      this.#all.value = page.conversations;
      this.#cursor.value = page.next_cursor ?? null;
      this.#isLoaded.value = true;
    });
  }

  async loadMore(): Promise<void> {
    const cursor = this.#cursor.value;
    if (cursor === null) return;
    await this.#try(async () => {
      const page = await this.#api.listConversations(cursor);
      const known = new Set(this.#all.value.map(({ id }) => id));
      this.#all.value = [...this.#all.value, ...page.conversations.filter(({ id }) => !known.has(id))];
      this.#cursor.value = page.next_cursor ?? null;
    });
  }

  /** Puts a conversation that was just begun on top, before the server tells of it. */
  addBegun(id: string, title: string, time: number): void {
    if (this.#all.value.some((known) => known.id === id)) return;
    const begun: Conversation = { id, owner: "", title, created_at: time, updated_at: time };
    this.#all.value = [begun, ...this.#all.value];
  }

  async rename(id: string, title: string): Promise<void> {
    const before = this.#all.value;
    this.#all.value = before.map((known) => (known.id === id ? { ...known, title } : known));
    const isDone = await this.#try(async () => {
      // The newest version, because an answer may have changed the conversation since it was listed.
      const { conversation } = await this.#api.openConversation(id);
      const renamed = await this.#api.renameConversation(id, title, conversation.version ?? 1);
      this.#all.value = this.#all.value.map((known) => (known.id === id ? renamed : known));
    });
    if (!isDone) this.#all.value = before;
  }

  async remove(id: string): Promise<boolean> {
    const before = this.#all.value;
    this.#all.value = before.filter((known) => known.id !== id);
    const isDone = await this.#try(() => this.#api.deleteConversation(id));
    if (!isDone) this.#all.value = before;
    return isDone;
  }

  async restore(id: string): Promise<void> {
    await this.#try(() => this.#api.restoreConversation(id));
    await this.load();
  }

  async #try(step: () => Promise<void>): Promise<boolean> {
    try {
      await step();
      this.#problem.value = null;
      return true;
    } catch (error) {
      this.#problem.value = networkProblem(error);
      return false;
    }
  }
}
