// Search over titles and texts: what is typed, and what the server found for it.

import { signal } from "@preact/signals";
import type { Api } from "../wire/api";
import { networkProblem, type Problem } from "../wire/problem";
import type { Conversation } from "../wire/types/conversations";
import type { Match } from "../wire/types/values";

/** While a person types faster than this, nothing is asked. */
const PAUSE_MS = 120;

export interface Found {
  readonly conversation: Conversation;
  readonly match: Match | null;
}

export class ChatSearch {
  readonly query = signal("");
  /** Null before the first answer to this query. */
  readonly found = signal<readonly Found[] | null>(null);
  readonly problem = signal<Problem | null>(null);
  readonly #api: Api;
  #asked: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Looks for what is typed, when the typing pauses; answers to what was typed before are dropped. */
  type(query: string): void {
    this.query.value = query;
    clearTimeout(this.#timer);
    this.#asked?.abort();
    if (query.trim() === "") {
      this.found.value = null;
      this.problem.value = null;
      return;
    }
    this.#timer = setTimeout(() => void this.#ask(query), PAUSE_MS);
  }

  async #ask(query: string): Promise<void> {
    const asked = new AbortController();
    this.#asked = asked;
    try {
      const page = await this.#api.listConversations({ q: query }, asked.signal);
      if (asked.signal.aborted) return;
      const matches = new Map(page.matches.map((match) => [match.conversation_id, match]));
      this.found.value = page.conversations.map((conversation) => ({
        conversation,
        match: matches.get(conversation.id) ?? null,
      }));
      this.problem.value = null;
    } catch (error) {
      if (!asked.signal.aborted) this.problem.value = networkProblem(error);
    }
  }
}
