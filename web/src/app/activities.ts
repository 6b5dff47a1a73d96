// What the list marks: conversations that answer now, here or elsewhere, and those answered unseen.

import { computed, effect, signal } from "@preact/signals";
import type { ChatSession } from "../chat/chat-session";
import type { ConversationList } from "../chat/conversation-list";
import type { Activity } from "../ui/conversation-item";

export class Activities {
  readonly #list: ConversationList;
  readonly #answering = signal<ReadonlySet<string>>(new Set());

  /** The marked conversations, by their ids. */
  readonly byId = computed<ReadonlyMap<string, Activity>>(() => {
    const activities = new Map<string, Activity>();
    for (const id of this.#list.unseen.value) activities.set(id, "unseen");
    for (const id of this.#list.running.value) activities.set(id, "running");
    for (const id of this.#answering.value) activities.set(id, "running");
    return activities;
  });

  constructor(list: ConversationList) {
    this.#list = list;
  }

  /** Marks the conversation of that session while it answers, before the server's list says so. */
  watch({ id, state }: ChatSession): void {
    const isRunning = computed(() => {
      const phase = state.value.turn?.phase;
      return phase !== undefined && phase !== "unsent";
    });
    effect(() => {
      const known = this.#answering.peek();
      this.#answering.value = isRunning.value
        ? new Set(known).add(id)
        : new Set([...known].filter((other) => other !== id));
    });
  }
}
