// What is shown of a conversation: the entries along the chosen path, with the running turn at its end.

import type { Receipt } from "../wire/api";
import type { Problem } from "../wire/problem";
import type { Message } from "../wire/types/messages";
import type { ChatState } from "./chat-state";
import { joinAnswers } from "./continued";
import { findSiblings, pathTo } from "./tree";
import { answerId, messagesOf, type Turn } from "./turn";

export interface Siblings {
  readonly position: number;
  readonly count: number;
  readonly previousId: string | null;
  readonly nextId: string | null;
}

export interface Entry {
  /** Stays the same from the first word to the kept message, so that the text on the page stays too. */
  readonly key: string;
  /** With its continuations, when it has any; then the id is the last one's. */
  readonly message: Message;
  /** The answer that was given first: what another answer would stand beside. */
  readonly firstId: string;
  /** What it answers; null for a question. */
  readonly questionId: string | null;
  readonly siblings: Siblings | null;
  /** The running turn, on the answer that it writes. */
  readonly turn: Turn | null;
  /** Why this question could not be sent. */
  readonly unsent: Problem | null;
  readonly receipt: Receipt | null;
  /** When the service will take it again after a failure (milliseconds of the wall clock); null when it did not say. */
  readonly retryAt: number | null;
}

function siblingsAmong(all: readonly Message[], message: Message): Siblings | null {
  if (all.length < 2) return null;
  const index = all.findIndex((sibling) => sibling.id === message.id);
  return {
    position: index + 1,
    count: all.length,
    previousId: all[index - 1]?.id ?? null,
    nextId: all[index + 1]?.id ?? null,
  };
}

function retryTime({ created_at, timings, failure }: Message): number | null {
  const wait = failure?.retry_after_s;
  return wait === undefined ? null : (created_at + wait) * 1000 + (timings?.total_ms ?? 0);
}

function makeEntry(state: ChatState, siblings: readonly Message[], message: Message): Entry {
  const { turn } = state;
  const isUnsent = turn?.phase === "unsent" && message.client_message_id === turn.clientMessageId;
  return {
    key: message.client_message_id ?? message.id,
    message,
    firstId: message.id,
    questionId: message.role === "assistant" ? (message.parent_id ?? null) : null,
    siblings: siblingsAmong(siblings, message),
    turn: turn !== null && message.id === answerId(turn) ? turn : null,
    unsent: isUnsent ? turn.problem : null,
    receipt: state.receipts[message.id] ?? null,
    retryAt: isUnsent ? (turn.problem?.retryAt ?? null) : retryTime(message),
  };
}

/** What is shown of a conversation at one moment. */
export interface Shown {
  /** All entries, oldest first; the same value as long as nothing changes but what the running answer says. */
  readonly entries: readonly Entry[];
  /** The last of them as it is now, while an answer is written. */
  readonly live: Entry | null;
}

/** The entries to show, oldest first. System messages are settings, not talk. */
export function transcriptOf(state: ChatState): readonly Entry[] {
  return new TranscriptReader().read(state).entries;
}

/**
 * Reads the entries again and again. While an answer is written, only that one is made anew; when a turn begins or ends,
 * every entry that says the same as before is the same value: what is shown of it need not be looked at.
 */
export class TranscriptReader {
  readonly #made = new WeakMap<Message, Entry>();
  readonly #joined = new WeakMap<Entry, { before: Entry; whole: Entry }>();
  #state: ChatState | null = null;
  #entries: readonly Entry[] = [];
  /** What the answer that is being written continues. */
  #before: Entry | null = null;
  #siblings: readonly Message[] = [];
  #isShown = false;

  read(state: ChatState): Shown {
    const running = state.turn === null ? [] : messagesOf(state.turn, state.id);
    const written = running.find((message) => message.role === "assistant");
    const isSame = this.#state !== null && hasSameFrame(this.#state, state);
    if (!isSame) this.#readFrame(state, running, written);
    this.#state = state;
    if (written === undefined || !this.#isShown) return { entries: this.#entries, live: null };
    if (!isSame) return { entries: this.#entries, live: this.#entries.at(-1) ?? null };
    const entry = makeEntry(state, this.#siblings, written);
    const live = this.#before === null ? entry : join(this.#before, entry, this.#entries.length - 1);
    return { entries: this.#entries, live };
  }

  #readFrame(state: ChatState, running: readonly Message[], written: Message | undefined): void {
    const messages = [...state.messages, ...running];
    const path = pathTo(messages, state.leafId ?? messages.at(-1)?.id ?? null);
    const siblings = findSiblings(messages);
    this.#isShown = written !== undefined && path.includes(written);
    this.#siblings = written === undefined ? [] : siblings(written);
    const entries: Entry[] = [];
    this.#before = null;
    for (const message of path) {
      if (message.role === "system") continue;
      const entry = this.#keep(message, makeEntry(state, siblings(message), message));
      const before = entries.at(-1);
      if (before?.message.role !== "assistant" || message.role !== "assistant") {
        entries.push(entry);
        continue;
      }
      if (message === written) this.#before = before;
      entries[entries.length - 1] = this.#join(before, entry, entries.length - 1);
    }
    this.#entries = entries;
  }

  /** Gives the entry that was made of the message before, when it says the same. */
  #keep(message: Message, entry: Entry): Entry {
    const known = this.#made.get(message);
    if (known !== undefined && isSameEntry(known, entry)) return known;
    this.#made.set(message, entry);
    return entry;
  }

  #join(before: Entry, entry: Entry, index: number): Entry {
    const known = this.#joined.get(entry);
    if (known?.before === before) return known.whole;
    const whole = join(before, entry, index);
    this.#joined.set(entry, { before, whole });
    return whole;
  }
}

/** An answer that follows an answer continues it: the two are one entry. */
function join(before: Entry, entry: Entry, index: number): Entry {
  const message = joinAnswers(before.message, entry.message, index + 1);
  const { key, firstId, questionId } = before;
  return { ...entry, key, firstId, questionId, message, siblings: before.siblings ?? entry.siblings };
}

/** Whether two entries of one message say the same; what is not compared comes from the message. */
function isSameEntry(a: Entry, b: Entry): boolean {
  const isSameState = a.turn === b.turn && a.unsent === b.unsent && a.receipt === b.receipt;
  return isSameState && a.retryAt === b.retryAt && isSamePlace(a.siblings, b.siblings);
}

function isSamePlace(a: Siblings | null, b: Siblings | null): boolean {
  if (a === null || b === null) return a === b;
  const isSameCount = a.position === b.position && a.count === b.count;
  return isSameCount && a.previousId === b.previousId && a.nextId === b.nextId;
}

/** Whether nothing differs but what the running answer says. */
function hasSameFrame(a: ChatState, b: ChatState): boolean {
  const isSameTurn =
    a.turn?.clientMessageId === b.turn?.clientMessageId &&
    a.turn?.phase === b.turn?.phase &&
    a.turn?.run === b.turn?.run &&
    a.turn?.userMessageId === b.turn?.userMessageId &&
    a.turn?.problem === b.turn?.problem;
  return isSameTurn && a.messages === b.messages && a.leafId === b.leafId && a.receipts === b.receipts;
}

/** The text of the newest question that is kept; null when there is none. */
export function lastQuestion({ messages }: ChatState): string | null {
  const question = messages.findLast(({ role }) => role === "user");
  return question === undefined ? null : textOf(question);
}

/** The text of a message, as a person would copy it. */
export function textOf(message: Message): string {
  return message.parts
    .map((part) => (part.type === "text" || part.type === "refusal" ? part.text : ""))
    .filter((text) => text !== "")
    .join("\n\n");
}
