import { describe, expect, it } from "vitest";
import type { RunEvent } from "../wire/types/events";
import type { Message } from "../wire/types/messages";
import { type ChatAction, type ChatState, newChat, reduceChat } from "./chat-state";
import { type Entry, type Shown, TranscriptReader } from "./transcript";

const COUNT = 1000;

/** As the server gives them: new values each time. */
function kept(): Message[] {
  return Array.from({ length: COUNT }, (_, index) => ({
    id: `m${index}`,
    conversation_id: "c",
    ...(index === 0 ? {} : { parent_id: `m${index - 1}` }),
    role: index % 2 === 0 ? "user" : "assistant",
    parts: [{ type: "text", text: `words ${index}` }],
    status: index === COUNT - 1 ? "stopped" : "finished",
    created_at: index,
  }));
}

const OPENED: ChatAction = {
  type: "opened",
  conversation: { id: "c", owner: "local", created_at: 0, updated_at: 0 },
  messages: kept(),
  run: null,
  spending: {},
  now: 0,
};
const ASKED: ChatAction = {
  type: "asked",
  turn: {
    clientMessageId: "mine",
    ask: { kind: "submit", text: "and?", files: [], parentId: `m${COUNT - 1}` },
    model: null,
    askedAt: COUNT,
    startedAt: 0,
  },
};
const ACCEPTED: ChatAction = {
  type: "accepted",
  run: {
    id: "r",
    owner: "local",
    message_id: "answer",
    parent_id: "question",
    model: "m",
    created_at: COUNT,
  },
  userMessageId: "question",
  now: 0,
};

function said(...events: RunEvent[]): ChatAction {
  return { type: "events", events, now: 0 };
}

const BEGUN = said({ type: "run-started", run_id: "r", message_id: "answer", model: "m" } as RunEvent, {
  type: "text-started",
  part_id: "t",
});
const WORDS = said({ type: "text-delta", part_id: "t", text: "words" });

/** What is shown after each action. */
function read(...actions: ChatAction[]): Shown[] {
  const reader = new TranscriptReader();
  let state: ChatState = newChat("c", "loading");
  return actions.map((action) => {
    state = reduceChat(state, action);
    return reader.read(state);
  });
}

function idsThatChanged(before: readonly Entry[], after: readonly Entry[]): string[] {
  return after.filter((entry, index) => entry !== before[index]).map(({ message }) => message.id);
}

describe("what is shown of a long conversation", () => {
  it("is the same, but for the question and its answer, from the moment of asking to the end", () => {
    const shown = read(OPENED, ASKED, ACCEPTED, BEGUN, WORDS, { type: "ended" });
    for (const { entries } of shown) {
      expect(entries.slice(0, COUNT)).toHaveLength(COUNT);
      expect(idsThatChanged(shown[0]?.entries ?? [], entries.slice(0, COUNT))).toEqual([]);
    }
    expect(shown.at(-1)?.entries).toHaveLength(COUNT + 2);
  });

  it("changes nothing but the live answer while words come", () => {
    const [accepted, ...written] = read(OPENED, ASKED, ACCEPTED, BEGUN, WORDS, WORDS).slice(2);
    for (const { entries } of written) expect(entries).toBe(accepted?.entries);
    expect(written.at(-1)?.live?.message.parts).toMatchObject([{ text: "wordswords" }]);
  });

  it("joins the live rest of an answer to what it continues", () => {
    const ask = { kind: "continue" as const, parentId: `m${COUNT - 1}` };
    const continued: ChatAction = { ...ASKED, turn: { ...ASKED.turn, ask } };
    const [opened, ...shown] = read(OPENED, continued, ACCEPTED, BEGUN, WORDS, { type: "ended" });
    for (const { entries } of shown) {
      expect(entries).toHaveLength(COUNT);
      expect(idsThatChanged(opened?.entries.slice(0, -1) ?? [], entries.slice(0, -1))).toEqual([]);
    }
    expect(shown[3]?.live?.message.parts).toMatchObject([{ text: `words ${COUNT - 1}words` }]);
    expect(shown[4]?.entries.at(-1)?.message.parts).toMatchObject([{ text: `words ${COUNT - 1}words` }]);
  });

  it("stays when it is read again, but for what changed elsewhere", () => {
    const messages = kept();
    messages[4] = { ...messages[4], parts: [{ type: "text", text: "others" }] } as Message;
    const [first, again, changed] = read(OPENED, { ...OPENED, messages: kept() }, { ...OPENED, messages });
    expect(idsThatChanged(first?.entries ?? [], again?.entries ?? [])).toEqual([]);
    expect(idsThatChanged(first?.entries ?? [], changed?.entries ?? [])).toEqual(["m4"]);
  });

  it("counts a question among the ways it was asked, when another is added", () => {
    const ask = { kind: "regenerate" as const, answerId: `m${COUNT - 1}`, parentId: `m${COUNT - 2}` };
    const again: ChatAction = { ...ASKED, turn: { ...ASKED.turn, ask } };
    const [opened, , , , , ended] = read(OPENED, again, ACCEPTED, BEGUN, WORDS, { type: "ended" });
    expect(idsThatChanged(opened?.entries ?? [], ended?.entries ?? [])).toEqual(["answer"]);
    const back: ChatAction = { type: "leaf-chosen", messageId: `m${COUNT - 1}` };
    const shown = read(OPENED, again, ACCEPTED, BEGUN, WORDS, { type: "ended" }, back).at(-1);
    expect(shown?.entries.at(-1)).toMatchObject({ siblings: { position: 1, count: 2, nextId: "answer" } });
  });
});
