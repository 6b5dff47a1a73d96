// The models that can be picked, and which one answers where: a chat keeps its own, a new one begins with the preferred.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { ConversationList } from "../chat/conversation-list";
import type { Api } from "../wire/api";
import { networkProblem, type Problem } from "../wire/problem";
import type { ModelInfo } from "../wire/types/conversations";

const PREFERRED = "penstock.model";

export class ModelChoice {
  readonly #api: Api;
  readonly #list: ConversationList;
  readonly #storage: Storage;
  readonly #all = signal<readonly ModelInfo[]>([]);
  readonly #problem = signal<Problem | null>(null);
  readonly #preferred = signal<string | null>(null);
  /** Picked here, by conversation: counts before the server has heard of it. */
  readonly #picked = signal<ReadonlyMap<string, string>>(new Map());

  constructor(api: Api, list: ConversationList, storage: Storage) {
    this.#api = api;
    this.#list = list;
    this.#storage = storage;
    this.#preferred.value = storage.getItem(PREFERRED);
  }

  get all(): ReadonlySignal<readonly ModelInfo[]> {
    return this.#all;
  }

  get problem(): ReadonlySignal<Problem | null> {
    return this.#problem;
  }

  async load(): Promise<void> {
    try {
      this.#all.value = await this.#api.listModels();
      this.#problem.value = null;
    } catch (error) {
      this.#problem.value = networkProblem(error);
    }
  }

  /** The model that answers next in a chat, null for a new one. */
  of(conversationId: string | null): ModelInfo | null {
    const models = this.#all.value;
    const own = this.#picked.value.get(conversationId ?? "") ?? this.#list.find(conversationId)?.model;
    const wanted = [own, this.#preferred.value];
    for (const id of wanted) {
      const found = models.find((model) => model.id === id);
      if (found !== undefined) return found;
    }
    return models.find(({ is_default }) => is_default) ?? models[0] ?? null;
  }

  /** Picks a model for one chat, or the preferred one where there is none yet. */
  choose(conversationId: string | null, modelId: string): void {
    if (conversationId === null) {
      this.#preferred.value = modelId;
      this.#storage.setItem(PREFERRED, modelId);
      return;
    }
    this.#picked.value = new Map(this.#picked.value).set(conversationId, modelId);
    if (this.#list.isKept(conversationId)) void this.#list.change(conversationId, { model: modelId });
  }
}
