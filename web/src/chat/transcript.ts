// What is shown of a conversation: the entries along the chosen path, with the running turn at its end.

import type { Receipt } from "../wire/api";
import type { Message } from "../wire/events";
import type { Problem } from "../wire/problem";
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

/** Puts an entry behind the others. An answer that follows an answer continues it: the two are one entry. */
function append(entries: Entry[], entry: Entry): Entry[] {
  const before = entries.at(-1);
  if (before?.message.role !== "assistant" || entry.message.role !== "assistant") {
    entries.push(entry);
    return entries;
  }
  const message = joinAnswers(before.message, entry.message, entries.length);
  const { key, firstId, questionId } = before;
  const siblings = before.siblings ?? entry.siblings;
  entries[entries.length - 1] = { ...entry, key, firstId, questionId, message, siblings };
  return entries;
}

/** The entries to show, oldest first. System messages are settings, not talk. */
export function transcriptOf(state: ChatState): Entry[] {
  return new TranscriptReader().read(state);
}

/** Reads the entries again and again while an answer is written: all but the last one stay the same values. */
export class TranscriptReader {
  #state: ChatState | null = null;
  /** Everything before the answer that is being written. */
  #before: readonly Entry[] = [];
  #siblings: readonly Message[] = [];
  #isShown = false;

  read(state: ChatState): Entry[] {
    const running = state.turn === null ? [] : messagesOf(state.turn, state.id);
    const written = running.find((message) => message.role === "assistant");
    if (this.#state === null || !hasSameFrame(this.#state, state)) this.#readBefore(state, running, written);
    this.#state = state;
    const entries = [...this.#before];
    if (written === undefined || !this.#isShown) return entries;
    return append(entries, makeEntry(state, this.#siblings, written));
  }

  #readBefore(state: ChatState, running: readonly Message[], written: Message | undefined): void {
    const messages = [...state.messages, ...running];
    const path = pathTo(messages, state.leafId ?? messages.at(-1)?.id ?? null);
    const siblings = findSiblings(messages);
    this.#isShown = written !== undefined && path.includes(written);
    this.#siblings = written === undefined ? [] : siblings(written);
    this.#before = path
      .filter((message) => message.role !== "system" && message !== written)
      .map((message) => makeEntry(state, siblings(message), message))
      .reduce(append, []);
  }
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

/** The text of a message, as a person would copy it. */
export function textOf(message: Message): string {
  return message.parts
    .map((part) => (part.type === "text" || part.type === "refusal" ? part.text : ""))
    .filter((text) => text !== "")
    .join("\n\n");
}
