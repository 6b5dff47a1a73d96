// The list of conversations, pinned ones first and then the newest, as the server has it and as a person just changed it.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Api, ConversationChange } from "../wire/api";
import { networkProblem, Problem } from "../wire/problem";
import type { Conversation } from "../wire/types/conversations";

/** Somebody else changes a conversation in between at most this often before a change is given up. */
const CHANGE_ATTEMPTS = 3;

function compare(one: Conversation, other: Conversation): number {
  return Number(other.pinned ?? false) - Number(one.pinned ?? false) || other.updated_at - one.updated_at;
}

/** Whether its newest answer ended after its owner last looked. */
function isUnseen({ answered_at, seen_at }: Conversation): boolean {
  return answered_at !== undefined && (seen_at === undefined || seen_at < answered_at);
}

export class ConversationList {
  readonly #api: Api;
  readonly #changed: () => void;
  readonly #all = signal<readonly Conversation[]>([]);
  readonly #running = signal<ReadonlySet<string>>(new Set());
  readonly #problem = signal<Problem | null>(null);
  readonly #isLoaded = signal(false);
  readonly #cursor = signal<string | null>(null);
  readonly #begun = new Set<string>();
  #etag: string | null = null;

  /** Conversations that were answered and not looked at since. */
  readonly unseen = computed<ReadonlySet<string>>(
    () => new Set(this.#all.value.filter(isUnseen).map(({ id }) => id)),
  );

  /** `changed` is called after each change that was made here: other tabs want to know. */
  constructor(api: Api, changed: () => void = () => undefined) {
    this.#api = api;
    this.#changed = changed;
  }

  get all(): ReadonlySignal<readonly Conversation[]> {
    return this.#all;
  }

  /** Conversations in which the server is answering, in whichever tab it was asked. */
  get running(): ReadonlySignal<ReadonlySet<string>> {
    return this.#running;
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

  find(id: string | null): Conversation | undefined {
    return this.#all.value.find((known) => known.id === id);
  }

  /** What tells whether a conversation is still the one that was read. */
  stampOf(id: string | null): string {
    const { version, updated_at, answered_at } = this.find(id) ?? {};
    return JSON.stringify([id, version, updated_at, answered_at, this.#running.peek().has(id ?? "")]);
  }

  /** Whether the server has it. */
  isKept(id: string): boolean {
    return this.find(id) !== undefined && !this.#begun.has(id);
  }

  /** Reads the newest page again; costs next to nothing when it is the same. */
  async load(): Promise<void> {
    await this.#try(async () => {
      const news = await this.#api.listNewest(this.#etag);
      if (news === null) return;
      const { conversations, next_cursor, running } = news.page;
      this.#etag = news.etag;
      this.#running.value = new Set(running);
      this.#merge(conversations, next_cursor ?? null);
      this.#isLoaded.value = true;
    });
  }

  async loadMore(): Promise<void> {
    const cursor = this.#cursor.value;
    if (cursor === null) return;
    await this.#try(async () => {
      const page = await this.#api.listConversations({ cursor });
      const known = new Set(this.#all.value.map(({ id }) => id));
      this.#all.value = [...this.#all.value, ...page.conversations.filter(({ id }) => !known.has(id))];
      this.#cursor.value = page.next_cursor ?? null;
    });
  }

  /** Puts a conversation that was just begun in its place, before the server tells of it. */
  addBegun(id: string, title: string, time: number): void {
    if (this.find(id) !== undefined) return;
    this.#begun.add(id);
    this.#put({ id, owner: "", title, created_at: time, updated_at: time });
  }

  rename(id: string, title: string): Promise<boolean> {
    return this.change(id, { title });
  }

  /** Changes a conversation, here at once and at the server on whatever version it is by now. */
  async change(id: string, change: ConversationChange): Promise<boolean> {
    const before = this.find(id);
    if (before !== undefined) this.#put({ ...before, ...(change as Partial<Conversation>) });
    const isDone = await this.#try(async () => this.#put(await this.#patch(id, change)));
    if (!isDone && before !== undefined) this.#put(before);
    return isDone;
  }

  async remove(id: string): Promise<boolean> {
    const before = this.#all.value;
    this.#all.value = before.filter((known) => known.id !== id);
    const isDone = await this.#try(() => this.#api.deleteConversation(id));
    if (!isDone) this.#all.value = before;
    else this.#changed();
    return isDone;
  }

  async restore(id: string): Promise<void> {
    if (await this.#try(() => this.#api.restoreConversation(id))) this.#changed();
    await this.load();
  }

  /** Notes a look at a conversation, for every tab and device. */
  async markSeen(id: string): Promise<void> {
    const known = this.find(id);
    if (known === undefined || !isUnseen(known)) return;
    this.#put({ ...known, seen_at: known.answered_at ?? 0 });
    if (await this.#try(async () => this.#put(await this.#api.markSeen(id)))) this.#changed();
  }

  async #patch(id: string, change: ConversationChange): Promise<Conversation> {
    let version = this.find(id)?.version ?? 1;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const changed = await this.#api.changeConversation(id, change, version);
        this.#changed();
        return changed;
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 409 || attempt === CHANGE_ATTEMPTS) throw error;
        version = (await this.#api.openConversation(id)).conversation.version ?? 1;
      }
    }
  }

  #put(conversation: Conversation): void {
    const others = this.#all.value.filter(({ id }) => id !== conversation.id);
    this.#all.value = [...others, conversation].sort(compare);
  }

  /** Takes the newest page; what was loaded beyond it stays, and what was begun and has not arrived yet. */
  #merge(page: readonly Conversation[], cursor: string | null): void {
    const last = page.at(-1);
    const ids = new Set(page.map(({ id }) => id));
    for (const id of ids) this.#begun.delete(id);
    const isBeyond = (known: Conversation) =>
      cursor !== null && last !== undefined && compare(last, known) < 0;
    const kept = this.#all.value.filter(
      (known) => !ids.has(known.id) && (this.#begun.has(known.id) || isBeyond(known)),
    );
    if (!kept.some(isBeyond)) this.#cursor.value = cursor;
    this.#all.value = [...page, ...kept].sort(compare);
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
