// What the page holds: the conversations, the one that is shown, the models, and what is typed.

import { computed, effect, signal } from "@preact/signals";
import { ChatSearch } from "../chat/chat-search";
import { ChatSession, type SessionPorts } from "../chat/chat-session";
import { unsettledText } from "../chat/chat-state";
import { ConversationList } from "../chat/conversation-list";
import { Drafts } from "../chat/drafts";
import { type Queued, SendQueue } from "../chat/send-queue";
import { lastQuestion } from "../chat/transcript";
import { strings } from "../strings/language";
import type { Conversation, ModelInfo } from "../wire/types/conversations";
import { Activities } from "./activities";
import { AttachmentTrays } from "./attachment-trays";
import { ModelChoice } from "./model-choice";
import { addressOf, conversationOf } from "./routes";
import { keepInStep, type Step } from "./step";

/** The drafts' name of the chat that has no id yet. */
const NEW = "new";

export class Workspace {
  readonly list: ConversationList;
  readonly activities: Activities;
  readonly models: ModelChoice;
  readonly currentId = signal<string | null>(null);
  readonly text = signal("");
  /** What the model is told in the chat that is not begun yet. */
  readonly instructions = signal("");
  readonly removed = signal<Conversation | null>(null);
  readonly search: ChatSearch;
  readonly step: Step;
  /** The question that is being put in other words. */
  readonly editedId = signal<string | null>(null);
  readonly #ports: SessionPorts;
  readonly #drafts: Drafts;
  readonly #instructions: Drafts;
  readonly #tabStorage: Storage;
  readonly #sessions = new Map<string, ChatSession>();
  readonly #queues = new Map<string, SendQueue>();
  readonly #shown = signal<ChatSession | null>(null);
  readonly #trays: AttachmentTrays;

  /** The files of the next message of the shown chat. */
  readonly tray = computed(() => this.#trays.of(this.currentId.value ?? NEW));

  /** Why the chosen model cannot take the files; null when it can. */
  readonly fileTrouble = computed(() => {
    const { value: model } = this.model;
    if (!this.tray.value.hasImages.value || model === null) return null;
    return model.capabilities?.includes("images") ? null : strings().modelSeesNoImages(model.name);
  });

  readonly session = computed(() => this.#shown.value);
  readonly queue = computed(() => {
    const id = this.currentId.value;
    return id === null ? null : this.#queueOf(id);
  });
  readonly model = computed<ModelInfo | null>(() => this.models.of(this.currentId.value));

  constructor(ports: SessionPorts, storage: Storage, tabStorage: Storage) {
    this.#ports = ports;
    this.#tabStorage = tabStorage;
    this.#trays = new AttachmentTrays(ports);
    this.#drafts = new Drafts(storage);
    this.#instructions = new Drafts(storage, "instructions");
    this.instructions.value = this.#instructions.read(NEW);
    this.step = keepInStep(() => void this.refresh());
    this.list = new ConversationList(ports.api, () => this.step.tell());
    this.activities = new Activities(this.list);
    this.search = new ChatSearch(ports.api);
    this.models = new ModelChoice(ports.api, this.list, storage);
    effect(() => this.#look());
  }

  async start(): Promise<void> {
    this.show(conversationOf(location.pathname));
    await Promise.all([this.list.load(), this.models.load()]);
  }

  /** Shows a conversation, at once when it was open before; null is a new chat. */
  show(id: string | null): void {
    this.currentId.value = id;
    this.editedId.value = null;
    const session = id === null ? null : this.#sessionOf(id);
    const draft = this.#drafts.read(id ?? NEW);
    // What is on its way is still a draft, and shown already.
    const isOnItsWay = session !== null && unsettledText(session.state.peek()) === draft;
    this.text.value = isOnItsWay ? "" : draft;
    this.#shown.value = session;
  }

  navigate(id: string | null): void {
    if (addressOf(id) !== location.pathname) history.pushState(null, "", addressOf(id));
    this.show(id);
  }

  type(text: string): void {
    this.text.value = text;
    this.#drafts.write(this.currentId.value ?? NEW, text);
  }

  /** Sets what the model is told in the next chat that is begun. */
  instruct(text: string): void {
    this.instructions.value = text;
    this.#instructions.write(NEW, text);
  }

  /** Sends, or queues while an answer is written. A new chat gets its id here: it has an address before the network. */
  send(text: string): void {
    const tray = this.tray.value;
    const hasFiles = tray.files.value.length > 0;
    if ((text.trim() === "" && !hasFiles) || this.fileTrouble.value !== null || !tray.isReady.value) return;
    const session = this.session.value ?? this.#begin(text);
    const model = this.model.value?.id ?? null;
    if (!session.isBusy || session.isAnswering) this.#dispatch(session, { text, model, files: tray.take() });
  }

  #dispatch(session: ChatSession, { text, model, files }: Omit<Queued, "id">): void {
    const instructions = this.#instructions.read(session.id);
    if (session.send(text, model, { files: files ?? [], instructions })) {
      // The draft is kept until the server has the text: a reload before that must not lose it.
      this.text.value = "";
      this.#drafts.write(session.id, text);
    } else if (session.isAnswering) {
      this.#queueOf(session.id).add({ id: this.#ports.makeId(), text, model, files: files ?? [] });
      this.type("");
    }
  }

  /** Sends the first message of the queue. */
  sendQueued(session: ChatSession): void {
    if (session.isBusy) return;
    const queued = this.#queueOf(session.id).take();
    if (queued !== null) session.send(queued.text, queued.model, { files: queued.files ?? [] });
  }

  /** Sends a question in other words, beside the old one. */
  sendEdited(messageId: string, text: string): void {
    if (this.session.value?.edit(messageId, text, this.model.value?.id ?? null)) this.editedId.value = null;
  }

  takeBack(): void {
    const session = this.session.value;
    if (session === null) return;
    const { text, files } = session.takeBack();
    this.type(text);
    this.tray.value.putBack(files);
  }

  async remove(conversation: Conversation): Promise<void> {
    if (this.currentId.value === conversation.id) this.navigate(null);
    if (!(await this.list.remove(conversation.id))) return;
    this.#sessions.get(conversation.id)?.close();
    this.#sessions.delete(conversation.id);
    this.removed.value = conversation;
  }

  async undoRemove(): Promise<void> {
    const conversation = this.removed.value;
    this.removed.value = null;
    if (conversation === null) return;
    await this.list.restore(conversation.id);
    this.navigate(conversation.id);
  }

  /** The network is there again: what could not be sent goes out, under its old name. */
  async cameBack(): Promise<void> {
    for (const session of this.#sessions.values()) session.cameBack();
    if (this.models.problem.value !== null) void this.models.load();
    await this.refresh();
  }

  /** Looks again at what may have changed elsewhere. */
  async refresh(): Promise<void> {
    const stamp = this.list.stampOf(this.currentId.peek());
    await this.list.load();
    const { value: session } = this.session;
    if (session === null) return;
    if (this.list.stampOf(session.id) !== stamp || this.#isBehind(session)) await this.#open(session);
  }

  /** What was read while a run began, or could not be read then, may lack the run although the list has it. */
  #isBehind(session: ChatSession): boolean {
    if (this.list.problem.peek() !== null || !this.list.isKept(session.id)) return false;
    return session.lacksAnswer || (session.isIdle && this.list.running.peek().has(session.id));
  }

  /** The server has what was written for this conversation. */
  #settle(id: string, sent: string): void {
    this.#drafts.settle(id, sent);
    this.#instructions.write(id, "");
  }

  /** Reads a conversation. What was sent before a reload, which came before the server's answer, is no draft any more. */
  async #open(session: ChatSession): Promise<void> {
    const wasRead = session.state.peek().phase === "ready";
    await session.open();
    const sent = lastQuestion(session.state.peek());
    if (wasRead || sent === null) return;
    this.#settle(session.id, sent);
    if (this.currentId.peek() === session.id && this.text.peek() === sent) this.text.value = "";
  }

  /** Reads a conversation before it is shown, so that it is there at once. */
  prefetch(id: string): void {
    if (!this.#sessions.has(id)) this.#sessionOf(id);
  }

  /** Brings a message of the shown conversation into view, with the words that it was found by marked. */
  async reveal(messageId: string, query: string): Promise<void> {
    const { value: session } = this.session;
    if (session === null) return;
    await session.open();
    if (this.session.value !== session) return;
    session.showBranch(messageId);
    const { revealMessage } = await import("./reveal-message");
    await revealMessage(messageId, query);
  }

  /** An answer that ended where somebody looks is seen. */
  #look(): void {
    const id = this.currentId.value;
    if (id !== null && this.step.isVisible.value && this.list.unseen.value.has(id))
      void this.list.markSeen(id);
  }

  #begin(text: string): ChatSession {
    const id = `conv_${this.#ports.makeId()}`;
    const session = this.#watch(new ChatSession(id, this.#ports, "new"));
    this.#drafts.write(NEW, "");
    // Like the text of the question: kept until the server has it.
    this.#instructions.write(id, this.instructions.value);
    this.instruct("");
    this.list.addBegun(id, text.trim().split("\n")[0]?.slice(0, 60) ?? "", this.#ports.time());
    this.currentId.value = id;
    this.#shown.value = session;
    history.pushState(null, "", addressOf(id));
    return session;
  }

  #queueOf(id: string): SendQueue {
    const queue = this.#queues.get(id) ?? new SendQueue(id, this.#tabStorage);
    this.#queues.set(id, queue);
    return queue;
  }

  #sessionOf(id: string): ChatSession {
    const known = this.#sessions.get(id);
    if (known !== undefined) {
      void known.open();
      return known;
    }
    const session = this.#watch(new ChatSession(id, this.#ports, "loading"));
    void this.#open(session);
    return session;
  }

  /** Goes on with what waits for the session: its mark in the list, its draft, its queue. */
  #watch(session: ChatSession): ChatSession {
    this.#sessions.set(session.id, session);
    this.activities.watch(session);
    const endings = computed(() => session.state.value.endings);
    const accepted = computed(() => {
      const turn = session.state.value.turn;
      return turn?.run && turn.ask.kind === "submit" ? turn.ask.text : null;
    });
    effect(() => {
      if (accepted.value !== null) {
        this.#settle(session.id, accepted.value);
        this.step.tell();
      }
    });
    effect(() => {
      if (endings.value === 0) return;
      if (session.state.peek().messages.at(-1)?.status === "finished") this.sendQueued(session);
      this.step.tell();
      void this.list.load();
    });
    return session;
  }
}
