// One question and its answer while it is being asked and written: from Enter to the run's terminal.

import type { Problem } from "../wire/problem";
import type { Connection } from "../wire/run-follower";
import type { Run } from "../wire/types/conversations";
import type { RunEvent } from "../wire/types/events";
import type { AttachmentPart, Message } from "../wire/types/messages";
import type { MessageStatus } from "../wire/types/values";
import { compact } from "./compact";
import { EMPTY_FOLD, type FoldState, foldEvent, foldedMessage } from "./fold";
import { nextStage, nextThinking, type Stage, type Thinking } from "./stage";

/** What was asked for. */
export type Ask =
  | {
      readonly kind: "submit";
      readonly text: string;
      readonly files: readonly AttachmentPart[];
      readonly parentId: string | null;
      /** What the model is told before every answer of the conversation that this question begins. */
      readonly instructions?: string;
    }
  | { readonly kind: "regenerate"; readonly answerId: string; readonly parentId: string | null }
  /** The rest of an answer that broke off: the parent is that answer. */
  | { readonly kind: "continue"; readonly parentId: string }
  | { readonly kind: "resume"; readonly parentId: string | null };

export interface Turn {
  /** Names this submit to the server: however often it is sent, one run comes of it. */
  readonly clientMessageId: string;
  readonly ask: Ask;
  readonly model: string | null;
  readonly phase: "sending" | "unsent" | "running" | "stopping";
  /** Unix seconds. */
  readonly askedAt: number;
  /** Milliseconds of the page's clock. */
  readonly startedAt: number;
  readonly run: Run | null;
  readonly userMessageId: string | null;
  readonly fold: FoldState;
  /** What is shown from the moment of Stop until the run's end is known: the text must not go on. */
  readonly frozen: FoldState | null;
  /** It could not be sent, and was stopped before that was known: it may have arrived all the same. */
  readonly isStopWanted: boolean;
  /** The stop is noted at the server, and whoever writes the answer has not received it. */
  readonly isStopUnheard: boolean;
  readonly stage: Stage;
  readonly thinking: Thinking | null;
  readonly connection: Connection;
  readonly problem: Problem | null;
}

export interface NewTurn {
  clientMessageId: string;
  ask: Ask;
  model: string | null;
  askedAt: number;
  startedAt: number;
}

export function startTurn(begun: NewTurn): Turn {
  return {
    ...begun,
    phase: "sending",
    run: null,
    userMessageId: null,
    fold: EMPTY_FOLD,
    frozen: null,
    isStopWanted: false,
    isStopUnheard: false,
    stage: { name: "sending", since: begun.startedAt },
    thinking: null,
    connection: "connecting",
    problem: null,
  };
}

/** Takes events of the run's log. */
export function advanceTurn(turn: Turn, events: readonly RunEvent[], now: number): Turn {
  let { fold, stage, thinking } = turn;
  for (const event of events) {
    fold = foldEvent(fold, event);
    stage = nextStage(stage, event, now);
    thinking = nextThinking(thinking, event, now);
  }
  return { ...turn, fold, stage, thinking };
}

/** The id that the user's message has, or will be known by until the server names it. */
function questionId(turn: Turn): string | null {
  if (turn.ask.kind !== "submit") return turn.ask.parentId;
  return turn.userMessageId ?? `question-${turn.clientMessageId}`;
}

export function answerId(turn: Turn): string {
  return turn.run?.message_id ?? `answer-${turn.clientMessageId}`;
}

function questionOf(turn: Turn, conversationId: string): Message | null {
  if (turn.ask.kind !== "submit") return null;
  return compact<Message>({
    id: questionId(turn) ?? "",
    conversation_id: conversationId,
    parent_id: turn.ask.parentId ?? undefined,
    role: "user",
    parts: [...turn.ask.files, { type: "text", text: turn.ask.text }],
    created_at: turn.askedAt,
    client_message_id: turn.clientMessageId,
  });
}

function answerOf(turn: Turn, conversationId: string): Message {
  const { run_id, message_id, status, ...folded } = foldedMessage(turn.frozen ?? turn.fold);
  const known: MessageStatus = status === undefined || status === "pending" ? "running" : status;
  return compact<Message>({
    ...folded,
    id: answerId(turn),
    conversation_id: conversationId,
    parent_id: questionId(turn) ?? undefined,
    role: "assistant",
    parts: folded.parts ?? [],
    status: known,
    created_at: turn.askedAt,
    run_id: turn.run?.id ?? run_id,
    model: folded.model ?? turn.run?.model ?? turn.model ?? undefined,
  });
}

/** The messages of the turn as they are shown now; kept ones once it has ended. */
export function messagesOf(turn: Turn, conversationId: string): Message[] {
  const question = questionOf(turn, conversationId);
  // A question that never left has no answer yet.
  const answer = turn.phase === "unsent" ? [] : [answerOf(turn, conversationId)];
  return question === null ? answer : [question, ...answer];
}
