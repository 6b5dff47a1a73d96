import { describe, expect, it } from "vitest";
import type { Api, ConversationChange } from "../wire/api";
import { Problem } from "../wire/problem";
import type { Conversation, ConversationPage } from "../wire/types/conversations";
import { ConversationList } from "./conversation-list";

const make = (id: string, updated_at: number, fields: Partial<Conversation> = {}): Conversation => ({
  id,
  owner: "local",
  created_at: 1,
  updated_at,
  ...fields,
});

const page = (conversations: Conversation[], fields: Partial<ConversationPage> = {}): ConversationPage => ({
  conversations,
  next_cursor: null,
  running: [],
  matches: [],
  ...fields,
});

/** A server whose pages are what the test says, and whose conversations have versions. */
class FakeServer {
  newest = page([]);
  older = page([]);
  versions = new Map<string, number>();
  changes: [string, ConversationChange, number][] = [];
  seen: string[] = [];
  etags: (string | null)[] = [];

  readonly api = {
    listNewest: async (etag: string | null) => {
      this.etags.push(etag);
      return etag === "same" ? null : { page: this.newest, etag: "same" };
    },
    listConversations: async () => this.older,
    openConversation: async (id: string) => ({
      conversation: make(id, 1, { version: this.versions.get(id) ?? 1 }),
    }),
    changeConversation: async (id: string, change: ConversationChange, version: number) => {
      const current = this.versions.get(id) ?? 1;
      if (version !== current) throw new Problem(409, "conflict", "");
      this.changes.push([id, change, version]);
      this.versions.set(id, current + 1);
      return make(id, 1, { ...(change as Partial<Conversation>), version: current + 1 });
    },
    markSeen: async (id: string) => {
      this.seen.push(id);
      return make(id, 1, { answered_at: 5, seen_at: 9 });
    },
  } as unknown as Api;
}

const idsOf = (list: ConversationList) => list.all.value.map(({ id }) => id);

describe("the list of conversations", () => {
  it("keeps what it has when the server has nothing new", async () => {
    const server = new FakeServer();
    server.newest = page([make("a", 2)], { running: ["a"] });
    const list = new ConversationList(server.api);
    await list.load();
    await list.load();
    expect(server.etags).toEqual([null, "same"]);
    expect(idsOf(list)).toEqual(["a"]);
    expect([...list.running.value]).toEqual(["a"]);
  });

  it("keeps older pages when the newest one is read again", async () => {
    const server = new FakeServer();
    server.newest = page([make("c", 30), make("b", 20)], { next_cursor: "older" });
    server.older = page([make("a", 10)]);
    const list = new ConversationList(server.api);
    await list.load();
    await list.loadMore();
    expect(list.hasMore).toBe(false);
    server.newest = page([make("d", 40), make("c", 30)], { next_cursor: "older" });
    server.api.listNewest = async () => ({ page: server.newest, etag: null });
    await list.load();
    expect(idsOf(list)).toEqual(["d", "c", "b", "a"]);
  });

  it("drops what was deleted elsewhere", async () => {
    const server = new FakeServer();
    server.api.listNewest = async () => ({ page: server.newest, etag: null });
    server.newest = page([make("b", 20), make("a", 10)]);
    const list = new ConversationList(server.api);
    await list.load();
    server.newest = page([make("a", 10)]);
    await list.load();
    expect(idsOf(list)).toEqual(["a"]);
  });

  it("keeps a chat that was begun here until the server lists it", async () => {
    const server = new FakeServer();
    server.api.listNewest = async () => ({ page: server.newest, etag: null });
    const list = new ConversationList(server.api);
    list.addBegun("new", "First words", 50);
    server.newest = page([make("a", 10)]);
    await list.load();
    expect(idsOf(list)).toEqual(["new", "a"]);
    server.newest = page([make("new", 51, { title: "A Name" }), make("a", 10)]);
    await list.load();
    expect(list.find("new")?.title).toBe("A Name");
  });

  it("changes a conversation on whatever version it is by now", async () => {
    const server = new FakeServer();
    let told = 0;
    server.versions.set("a", 7);
    server.newest = page([make("a", 2, { version: 3 })]);
    const list = new ConversationList(server.api, () => {
      told += 1;
    });
    await list.load();
    expect(await list.rename("a", "Mine")).toBe(true);
    expect(server.changes).toEqual([["a", { title: "Mine" }, 7]]);
    expect(list.find("a")).toMatchObject({ title: "Mine", version: 8 });
    expect(told).toBe(1);
  });

  it("takes a change back that the server refuses", async () => {
    const server = new FakeServer();
    server.api.changeConversation = async () => {
      throw new Problem(0, "offline", "");
    };
    server.newest = page([make("a", 2, { title: "Old" })]);
    const list = new ConversationList(server.api);
    await list.load();
    expect(await list.rename("a", "New")).toBe(false);
    expect(list.find("a")?.title).toBe("Old");
    expect(list.problem.value?.code).toBe("offline");
  });

  it("pins to the top", async () => {
    const server = new FakeServer();
    server.newest = page([make("b", 20), make("a", 10)]);
    const list = new ConversationList(server.api);
    await list.load();
    await list.change("a", { pinned: true });
    expect(idsOf(list)).toEqual(["a", "b"]);
  });

  it("marks what was answered after the last look, until somebody looks", async () => {
    const server = new FakeServer();
    server.newest = page([
      make("a", 3, { answered_at: 5, seen_at: 4 }),
      make("b", 2, { answered_at: 5, seen_at: 5 }),
      make("c", 1),
    ]);
    const list = new ConversationList(server.api);
    await list.load();
    expect([...list.unseen.value]).toEqual(["a"]);
    await list.markSeen("a");
    await list.markSeen("b");
    expect(server.seen).toEqual(["a"]);
    expect(list.unseen.value.size).toBe(0);
  });
});
