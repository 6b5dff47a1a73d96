// The state of one conversation, and everything that can happen to it. Pure: state = reduce(state, action).

import type { Receipt } from "../wire/api";
import type { Problem } from "../wire/problem";
import type { Connection } from "../wire/run-follower";
import type { Conversation, Run, Spending } from "../wire/types/conversations";
import type { RunEvent } from "../wire/types/events";
import type { Message } from "../wire/types/messages";
import { newestLeaf } from "./tree";
import { advanceTurn, messagesOf, type NewTurn, startTurn, type Turn } from "./turn";

export interface ChatState {
  readonly id: string;
  readonly phase: "new" | "loading" | "ready" | "failed";
  readonly conversation: Conversation | null;
  /** The kept tree, parents before children; the running turn's messages are not in it. */
  readonly messages: readonly Message[];
  /** The end of the shown path; null is the newest. */
  readonly leafId: string | null;
  readonly turn: Turn | null;
  /** Receipts of stops, by answer: of those made in this page, and what the server still knows of another's. */
  readonly receipts: Readonly<Record<string, Receipt>>;
  /** Why the conversation could not be opened, or the last thing that failed in it. */
  readonly problem: Problem | null;
  /** The last answer was held back between the server and this page, and came in one lump. */
  readonly isHeldBack: boolean;
  /** How many turns ended here: tells watchers that one did. */
  readonly endings: number;
  /** What all its answers took, shown or not. */
  readonly spending: Spending | null;
}

export type ChatAction =
  | { type: "opening" }
  | {
      type: "opened";
      conversation: Conversation;
      messages: readonly Message[];
      run: Run | null;
      spending: Spending;
      now: number;
    }
  | { type: "spent"; spending: Spending }
  | { type: "open-failed"; problem: Problem }
  | { type: "asked"; turn: NewTurn }
  | { type: "accepted"; run: Run; userMessageId: string | null; now: number }
  | { type: "send-failed"; problem: Problem }
  | { type: "sent-again"; now: number }
  | { type: "turn-dropped" }
  | { type: "events"; events: readonly RunEvent[]; now: number }
  | { type: "connection"; connection: Connection }
  | { type: "stopping" }
  | { type: "stop-failed"; problem: Problem }
  | { type: "receipt"; answerId: string; receipt: Receipt }
  | { type: "ended" }
  | { type: "held-back" }
  | { type: "leaf-chosen"; messageId: string }
  | { type: "problem-dismissed" };

export function newChat(id: string, phase: "new" | "loading"): ChatState {
  return {
    id,
    phase,
    conversation: null,
    messages: [],
    leafId: null,
    turn: null,
    receipts: {},
    problem: null,
    isHeldBack: false,
    endings: 0,
    spending: null,
  };
}

function changeTurn(state: ChatState, fields: Partial<Turn>): ChatState {
  return state.turn === null ? state : { ...state, turn: { ...state.turn, ...fields } };
}

type Opened = Extract<ChatAction, { type: "opened" }>;

/** The messages that were read, with the known values of those that say the same: nothing is shown again for them. */
function keepSame(known: readonly Message[], read: readonly Message[]): readonly Message[] {
  const before = new Map(known.map((message) => [message.id, message]));
  return read.map((message) => {
    const same = before.get(message.id);
    return same !== undefined && JSON.stringify(same) === JSON.stringify(message) ? same : message;
  });
}

function onOpened(state: ChatState, action: Opened): ChatState {
  const { conversation, run, spending, now } = action;
  const messages = keepSame(state.messages, action.messages);
  const opened = { ...state, phase: "ready" as const, conversation, spending, problem: null };
  if (run === null) return { ...opened, messages, turn: null };
  const turn = startTurn({
    clientMessageId: run.client_message_id ?? run.id,
    ask: { kind: "resume", parentId: run.parent_id ?? null },
    model: run.model,
    askedAt: run.created_at,
    startedAt: now,
  });
  return {
    ...opened,
    messages: messages.filter((message) => message.id !== run.message_id),
    turn: { ...turn, run, phase: "running", stage: { name: "connecting", since: now } },
  };
}

type Accepted = Extract<ChatAction, { type: "accepted" }>;

function onAccepted(state: ChatState, { run, userMessageId, now }: Accepted): ChatState {
  const phase = state.turn?.phase === "stopping" ? "stopping" : "running";
  const stage = { name: "connecting", since: now };
  return changeTurn({ ...state, phase: "ready" }, { run, userMessageId, phase, stage, problem: null });
}

/** Keeps what the turn made, exactly as its log says. */
function onEnded(state: ChatState): ChatState {
  if (state.turn === null) return state;
  const made = messagesOf({ ...state.turn, frozen: null }, state.id);
  return { ...state, messages: [...state.messages, ...made], turn: null, endings: state.endings + 1 };
}

type Received = Extract<ChatAction, { type: "receipt" }>;

/** While the run lives there is nothing to show but whether the stop was heard. */
function onReceipt(state: ChatState, { answerId, receipt }: Received): ChatState {
  const isLive = receipt.status === "running" || receipt.status === "queued";
  if (isLive) return changeTurn(state, { isStopUnheard: receipt.delivered === false });
  return { ...state, receipts: { ...state.receipts, [answerId]: receipt } };
}

type Handlers = {
  [Type in ChatAction["type"]]: (state: ChatState, action: Extract<ChatAction, { type: Type }>) => ChatState;
};

const HANDLERS: Handlers = {
  opening: (state) => ({ ...state, phase: state.phase === "ready" ? "ready" : "loading", problem: null }),
  opened: onOpened,
  "open-failed": (state, { problem }) => ({
    ...state,
    phase: state.phase === "ready" ? "ready" : "failed",
    problem,
  }),
  asked: (state, { turn }) => ({
    ...state,
    turn: startTurn(turn),
    leafId: null,
    problem: null,
    isHeldBack: false,
  }),
  accepted: onAccepted,
  "send-failed": (state, { problem }) =>
    changeTurn(state, { phase: "unsent", problem, isStopWanted: state.turn?.phase === "stopping" }),
  "sent-again": (state, { now }) =>
    changeTurn(state, {
      phase: "sending",
      startedAt: now,
      problem: null,
      isStopWanted: false,
      stage: { name: "sending", since: now },
    }),
  "turn-dropped": (state) => ({ ...state, turn: null }),
  events: (state, { events, now }) =>
    state.turn === null ? state : { ...state, turn: advanceTurn(state.turn, events, now) },
  connection: (state, { connection }) => changeTurn(state, { connection }),
  stopping: (state) => changeTurn(state, { phase: "stopping", frozen: state.turn?.fold ?? null }),
  "stop-failed": (state, { problem }) => ({
    ...changeTurn(state, { phase: "running", frozen: null }),
    problem,
  }),
  receipt: onReceipt,
  ended: onEnded,
  "held-back": (state) => ({ ...state, isHeldBack: true }),
  "leaf-chosen": (state, { messageId }) => ({ ...state, leafId: newestLeaf(state.messages, messageId) }),
  spent: (state, { spending }) => ({ ...state, spending }),
  "problem-dismissed": (state) => ({ ...state, problem: null, isHeldBack: false }),
};

/** The state after an action. */
export function reduceChat(state: ChatState, action: ChatAction): ChatState {
  const handler = HANDLERS[action.type] as (state: ChatState, action: ChatAction) => ChatState;
  return handler(state, action);
}

/** The text of a question that the server may not have yet; null when there is none. */
export function unsettledText({ turn }: ChatState): string | null {
  return turn?.ask.kind === "submit" && turn.run === null ? turn.ask.text : null;
}
