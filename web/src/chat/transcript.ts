// What is shown of a conversation: the entries along the chosen path, with the running turn at its end.

import type { Receipt } from "../wire/api";
import type { Message } from "../wire/events";
import type { Problem } from "../wire/problem";
import type { ChatState } from "./chat-state";
import { joinAnswers } from "./continued";
import { pathTo, siblingsOf } from "./tree";
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
  readonly siblings: Siblings | null;
  /** The running turn, on the answer that it writes. */
  readonly turn: Turn | null;
  /** Why this question could not be sent. */
  readonly unsent: Problem | null;
  readonly receipt: Receipt | null;
  /** When the service will take it again after a failure (milliseconds of the wall clock); null when it did not say. */
  readonly retryAt: number | null;
}

function findSiblings(messages: readonly Message[], message: Message): Siblings | null {
  const all = siblingsOf(messages, message);
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

function makeEntry(state: ChatState, messages: readonly Message[], message: Message): Entry {
  const { turn } = state;
  const isUnsent = turn?.phase === "unsent" && message.client_message_id === turn.clientMessageId;
  return {
    key: message.client_message_id ?? message.id,
    message,
    firstId: message.id,
    siblings: findSiblings(messages, message),
    turn: turn !== null && message.id === answerId(turn) ? turn : null,
    unsent: isUnsent ? turn.problem : null,
    receipt: state.receipts[message.id] ?? null,
    retryAt: isUnsent ? (turn.problem?.retryAt ?? null) : retryTime(message),
  };
}

/** An answer that follows an answer continues it: the two are one entry. */
function joinContinuations(entries: readonly Entry[]): Entry[] {
  const joined: Entry[] = [];
  for (const [index, entry] of entries.entries()) {
    const before = joined.at(-1);
    if (before?.message.role !== "assistant" || entry.message.role !== "assistant") {
      joined.push(entry);
      continue;
    }
    const message = joinAnswers(before.message, entry.message, index);
    const { key, firstId } = before;
    joined[joined.length - 1] = {
      ...entry,
      key,
      firstId,
      message,
      siblings: before.siblings ?? entry.siblings,
    };
  }
  return joined;
}

/** The entries to show, oldest first. System messages are settings, not talk. */
export function transcriptOf(state: ChatState): Entry[] {
  const running = state.turn === null ? [] : messagesOf(state.turn, state.id);
  const messages = [...state.messages, ...running];
  const leafId = state.leafId ?? messages.at(-1)?.id ?? null;
  const path = pathTo(messages, leafId).filter((message) => message.role !== "system");
  return joinContinuations(path.map((message) => makeEntry(state, messages, message)));
}

/** The text of a message, as a person would copy it. */
export function textOf(message: Message): string {
  return message.parts
    .map((part) => (part.type === "text" || part.type === "refusal" ? part.text : ""))
    .filter((text) => text !== "")
    .join("\n\n");
}
