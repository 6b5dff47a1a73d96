// One open conversation: turns what a person does into calls, and what comes back into actions.

import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Api } from "../wire/api";
import type { FollowRun } from "../wire/follow-client";
import { networkProblem, type Problem } from "../wire/problem";
import { type FollowHandlers, isTerminal } from "../wire/run-follower";
import type { RunEvent } from "../wire/types/events";
import type { AttachmentPart, Message } from "../wire/types/messages";
import { type ChatAction, type ChatState, newChat, reduceChat } from "./chat-state";
import { findReceipt } from "./find-receipt";
import { hasArrived, submitTurn } from "./submit-turn";
import { TranscriptReader } from "./transcript";
import { type Ask, answerId } from "./turn";

export interface SessionPorts {
  api: Api;
  follow: FollowRun;
  /** Milliseconds that never jump. */
  now(): number;
  /** Unix seconds. */
  time(): number;
  makeId(): string;
}

/** A conversation with its running turn. It lives on when another one is shown. */
export class ChatSession {
  readonly id: string;
  readonly #ports: SessionPorts;
  readonly #published: Signal<ChatState>;
  readonly #outline: Signal<ChatState>;
  readonly #left = new AbortController();
  readonly #reader = new TranscriptReader();
  readonly #shown = computed(() => this.#reader.read(this.#published.value));
  #state: ChatState;

  /** What is shown, oldest first; changes with the turns, and not with the words of an answer that is written. */
  readonly entries = computed(() => this.#shown.value.entries);
  /** The last entry as it is now, while an answer is written. */
  readonly live = computed(() => this.#shown.value.live);
  /** Whether a turn is under way, for who watches. */
  readonly isTaken = computed(() => this.#outline.value.turn !== null);

  constructor(id: string, ports: SessionPorts, phase: "new" | "loading") {
    this.id = id;
    this.#ports = ports;
    this.#state = newChat(id, phase);
    this.#published = signal(this.#state);
    this.#outline = signal(this.#state);
  }

  get state(): ReadonlySignal<ChatState> {
    return this.#published;
  }

  /** The state without what streams: its turn may be behind in words and stage, so it changes a few times an answer. */
  get outline(): ReadonlySignal<ChatState> {
    return this.#outline;
  }

  /** Whether a turn is under way; then nothing else may be asked. */
  get isBusy(): boolean {
    return this.#state.turn !== null;
  }

  /** Whether an answer is under way: what is sent now can wait for its end. */
  get isAnswering(): boolean {
    return this.isBusy && this.#state.turn?.phase !== "unsent";
  }

  /** Whether it was read, and nothing is under way in it. */
  get isIdle(): boolean {
    return this.#state.phase === "ready" && !this.isBusy;
  }

  /** Whether there is no answer although nothing is under way: it could not be read, or was read while its run began. */
  get lacksAnswer(): boolean {
    const { phase, messages } = this.#state;
    if (this.isBusy) return false;
    return phase === "failed" || (phase === "ready" && messages.at(-1)?.role === "user");
  }

  /** Reads the conversation, and goes on following its run if one lives. */
  async open(): Promise<void> {
    if (this.isBusy) return;
    this.#act({ type: "opening" });
    try {
      const { conversation, messages, active_run, spending } = await this.#ports.api.openConversation(
        this.id,
      );
      if (this.isBusy) return;
      const run = active_run ?? null;
      this.#act({ type: "opened", conversation, messages, run, spending, now: this.#ports.now() });
      if (run !== null) void this.#follow(run.id);
      else void this.#readReceipt();
    } catch (error) {
      this.#act({ type: "open-failed", problem: networkProblem(error) });
    }
  }

  /** Asks: the bubble is there before the network answers. False when nothing may be asked now. */
  send(
    text: string,
    model: string | null,
    { files = [], instructions = "" }: { files?: readonly AttachmentPart[]; instructions?: string } = {},
  ): boolean {
    if (this.isBusy || (text.trim() === "" && files.length === 0)) return false;
    const said = instructions === "" ? {} : { instructions };
    this.#begin({ kind: "submit", text, files, parentId: this.#leaf(), ...said }, model);
    return true;
  }

  /** Asks for another answer beside this one. */
  regenerate(messageId: string, model: string | null): void {
    const target = this.#find(messageId);
    if (this.isBusy || target === undefined) return;
    this.#begin({ kind: "regenerate", answerId: messageId, parentId: target.parent_id ?? null }, model);
  }

  /** Asks a question in other words: it stands beside the old one, which stays. */
  edit(messageId: string, text: string, model: string | null): boolean {
    const target = this.#find(messageId);
    if (this.isBusy || target === undefined || text.trim() === "") return false;
    const files = target.parts.filter((part): part is AttachmentPart => part.type === "attachment");
    this.#begin({ kind: "submit", text, files, parentId: target.parent_id ?? null }, model);
    return true;
  }

  /** Asks for the rest of an answer that broke off. */
  continueAnswer(messageId: string, model: string | null): void {
    if (this.isBusy || this.#find(messageId) === undefined) return;
    this.#begin({ kind: "continue", parentId: messageId }, model);
  }

  /** The network is there again: a question that did not go out goes out, unless it was stopped meanwhile. */
  cameBack(): void {
    const turn = this.#state.turn;
    if (turn?.isStopWanted) void this.#stopIfArrived();
    else if (turn?.problem?.status === 0) this.retry();
  }

  /** Sends the question that could not be sent, under its old name. */
  retry(): void {
    if (this.#state.turn?.phase !== "unsent") return;
    this.#act({ type: "sent-again", now: this.#ports.now() });
    void this.#submit();
  }

  /** Takes back the question that could not be sent, and gives its text and files. */
  takeBack(): { text: string; files: readonly AttachmentPart[] } {
    const turn = this.#state.turn;
    if (turn?.phase !== "unsent" || turn.ask.kind !== "submit") return { text: "", files: [] };
    this.#act({ type: "turn-dropped" });
    const { text, files } = turn.ask;
    return { text, files };
  }

  /** Stops the run; the text stands still from now on. */
  async stop(): Promise<void> {
    const turn = this.#state.turn;
    if (turn === null || (turn.phase !== "running" && turn.phase !== "sending")) return;
    this.#act({ type: "stopping" });
    if (turn.run !== null) await this.#stopRun(turn.run.id);
  }

  showBranch(messageId: string): void {
    this.#act({ type: "leaf-chosen", messageId });
  }

  dismissProblem(): void {
    this.#act({ type: "problem-dismissed" });
  }

  close(): void {
    this.#left.abort();
  }

  #find(messageId: string): Message | undefined {
    return this.#state.messages.find((message) => message.id === messageId);
  }

  #leaf(): string | null {
    return this.#state.leafId ?? this.#state.messages.at(-1)?.id ?? null;
  }

  #begin(ask: Ask, model: string | null): void {
    const { makeId, now, time } = this.#ports;
    const turn = { clientMessageId: makeId(), ask, model, askedAt: time(), startedAt: now() };
    this.#act({ type: "asked", turn });
    void this.#submit();
  }

  async #submit(): Promise<void> {
    try {
      const { run, user_message_id } = await submitTurn(this.#ports.api, this.id, this.#state.turn);
      this.#act({
        type: "accepted",
        run,
        userMessageId: user_message_id ?? run.parent_id ?? null,
        now: this.#ports.now(),
      });
      if (this.#state.turn?.phase === "stopping") void this.#stopRun(run.id);
      await this.#follow(run.id);
    } catch (error) {
      this.#failed(networkProblem(error));
    }
  }

  #failed(problem: Problem): void {
    if (this.#state.turn?.ask.kind === "submit") {
      this.#act({ type: "send-failed", problem });
      if (this.#state.turn.isStopWanted) void this.#stopIfArrived();
      return;
    }
    this.#act({ type: "turn-dropped" });
    this.#act({ type: "open-failed", problem });
  }

  /** Stops a question whose answer from the server was lost, if the server has it; else it stays unsent. */
  async #stopIfArrived(): Promise<void> {
    const name = this.#state.turn?.clientMessageId ?? "";
    if (!(await hasArrived(this.#ports.api, this.id, name))) return;
    const turn = this.#state.turn;
    if (turn?.clientMessageId !== name || !turn.isStopWanted) return;
    await this.#readAgain();
    await this.stop();
  }

  async #follow(runId: string): Promise<void> {
    const handlers: FollowHandlers = {
      onEvents: (events) => this.#onEvents(events),
      onConnection: (connection) => this.#act({ type: "connection", connection }),
    };
    try {
      const end = await this.#ports.follow(runId, -1, handlers, this.#left.signal);
      // The log is dropped some time after the end; the kept message is the record then.
      if (end === "gone") await this.#readAgain();
      if (end === "lump") this.#act({ type: "held-back" });
    } catch {
      await this.#readAgain();
    }
  }

  async #readAgain(): Promise<void> {
    this.#act({ type: "turn-dropped" });
    await this.open();
  }

  #onEvents(events: readonly RunEvent[]): void {
    const last = events.at(-1);
    const hasEnded = last !== undefined && isTerminal(last);
    this.#state = reduceChat(this.#state, { type: "events", events, now: this.#ports.now() });
    // Events come in batches, one per frame at most: each is published.
    if (hasEnded) {
      const isStoppedHere = this.#state.turn?.phase === "stopping";
      this.#act({ type: "ended" });
      void this.#readSpending();
      if (!isStoppedHere) void this.#readReceipt();
    } else this.#published.value = this.#state;
  }

  /** A sum that cannot be read stays the old one, until the conversation is read again. */
  async #readSpending(): Promise<void> {
    try {
      this.#act({ type: "spent", spending: await this.#ports.api.showUsage(this.id) });
    } catch {
      return;
    }
  }

  async #readReceipt(): Promise<void> {
    const answer = this.#state.messages.at(-1);
    if (answer === undefined || this.#state.receipts[answer.id] !== undefined) return;
    const receipt = await findReceipt(this.#ports.api, answer);
    if (receipt !== null) this.#act({ type: "receipt", answerId: answer.id, receipt });
  }

  async #stopRun(runId: string): Promise<void> {
    const turn = this.#state.turn;
    if (turn === null) return;
    try {
      const receipt = await this.#ports.api.stop(runId);
      this.#act({ type: "receipt", answerId: answerId(turn), receipt });
    } catch (error) {
      this.#act({ type: "stop-failed", problem: networkProblem(error) });
    }
  }

  #act(action: ChatAction): void {
    this.#state = reduceChat(this.#state, action);
    batch(() => {
      this.#published.value = this.#state;
      this.#outline.value = this.#state;
    });
  }
}
