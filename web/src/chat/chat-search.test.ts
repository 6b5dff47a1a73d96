import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Api } from "../wire/api";
import type { ConversationPage } from "../wire/types/conversations";
import { ChatSearch } from "./chat-search";

const CONVERSATION = { id: "a", owner: "local", created_at: 1, updated_at: 1 };

describe("the search over chats", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("asks when the typing pauses, and forgets answers to what was typed before", async () => {
    const asked: string[] = [];
    const answers: ((page: ConversationPage) => void)[] = [];
    const api = {
      listConversations: ({ q }: { q: string }) => {
        asked.push(q);
        return new Promise<ConversationPage>((resolve) => answers.push(resolve));
      },
    } as unknown as Api;
    const search = new ChatSearch(api);
    search.type("pe");
    search.type("pen");
    await vi.advanceTimersByTimeAsync(500);
    search.type("pens");
    await vi.advanceTimersByTimeAsync(500);
    expect(asked).toEqual(["pen", "pens"]);
    const page = { conversations: [CONVERSATION], next_cursor: null, running: [] };
    const match = { conversation_id: "a", snippet: [{ text: "pens", is_match: true }] };
    answers[1]?.({ ...page, matches: [match] });
    await vi.advanceTimersByTimeAsync(0);
    answers[0]?.({ ...page, conversations: [], matches: [] });
    await vi.advanceTimersByTimeAsync(0);
    expect(search.found.value).toEqual([{ conversation: CONVERSATION, match }]);
    search.type(" ");
    expect(search.found.value).toBeNull();
  });

  it("says what went wrong", async () => {
    const api = { listConversations: () => Promise.reject(new Error("no network")) } as unknown as Api;
    const search = new ChatSearch(api);
    search.type("x");
    await vi.advanceTimersByTimeAsync(500);
    expect(search.problem.value?.code).toBe("offline");
  });
});
