// The calls of the HTTP contract, typed. Together with run-follower.ts the only place that fetches.

import { networkProblem, readProblem } from "./problem";
import type {
  Attachment,
  Conversation,
  ConversationPage,
  ModelInfo,
  Run,
  Spending,
} from "./types/conversations";
import type { Message } from "./types/messages";
import type { Cost, RunStatus, TokenUsage } from "./types/values";

interface OpenConversation {
  conversation: Conversation;
  messages: Message[];
  active_run?: Run | null;
  spending: Spending;
}

interface PageWanted {
  cursor?: string;
  q?: string;
}

export interface ConversationChange {
  title?: string;
  model?: string;
  system_prompt?: string | null;
  pinned?: boolean;
}

interface Submit {
  text: string;
  client_message_id: string;
  parent_id?: string;
  /** A branch of its own at the top: an edit of the first message. */
  is_root?: boolean;
  model?: string;
  attachments?: readonly string[];
  /** For the conversation that this message begins. */
  system_prompt?: string;
}

export interface Accepted {
  run: Run;
  message_id: string;
  user_message_id?: string | null;
}

export interface Receipt {
  status: RunStatus;
  /** False while no producer has received the stop: the run goes on until one does. */
  delivered?: boolean;
  upstream_closed: boolean | null;
  /** 0 when the run had ended before. */
  stop_ms: number;
  usage?: TokenUsage | null;
  cost?: Cost | null;
}

/** The server, as the rest of the page sees it. Every method rejects with a `Problem`. */
export interface Api {
  listModels(): Promise<ModelInfo[]>;
  listConversations(wanted: PageWanted, signal?: AbortSignal): Promise<ConversationPage>;
  /** The newest page, with what names this state of it; null when it is still the one named. */
  listNewest(etag: string | null): Promise<{ page: ConversationPage; etag: string | null } | null>;
  openConversation(id: string): Promise<OpenConversation>;
  changeConversation(id: string, change: ConversationChange, version: number): Promise<Conversation>;
  markSeen(id: string): Promise<Conversation>;
  showUsage(id: string): Promise<Spending>;
  deleteConversation(id: string): Promise<void>;
  restoreConversation(id: string): Promise<void>;
  submit(conversationId: string, submit: Submit): Promise<Accepted>;
  regenerate(conversationId: string, messageId: string, submit: Omit<Submit, "text">): Promise<Accepted>;
  continueAnswer(conversationId: string, messageId: string, submit: Omit<Submit, "text">): Promise<Accepted>;
  stop(runId: string): Promise<Receipt>;
  showRun(runId: string): Promise<Run>;
  upload(data: Blob, name: string, signal: AbortSignal): Promise<Attachment>;
  takeBackUpload(id: string): Promise<void>;
}

const JSON_TYPE = { "Content-Type": "application/json" };

interface Extras {
  body?: object;
  file?: Blob;
  headers?: Record<string, string>;
  signal?: AbortSignal | null;
}

type Request = (method: string, path: string, extras?: Extras) => Promise<Response>;

/** Gives the answer when it is one to go on with; every other is a `Problem`. */
function makeRequest(send: typeof fetch): Request {
  return async (method, path, { body, file, headers, signal = null } = {}) => {
    const init: RequestInit = { method, signal, headers: { Accept: "application/json", ...headers } };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { ...init.headers, ...JSON_TYPE };
    }
    if (file !== undefined) {
      init.body = file;
      init.headers = { ...init.headers, "Content-Type": "application/octet-stream" };
    }
    let response: Response;
    try {
      response = await send(path, init);
    } catch (error) {
      throw networkProblem(error);
    }
    if (!response.ok && response.status !== 304) throw await readProblem(response);
    return response;
  };
}

async function readJson<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch (error) {
    throw networkProblem(error);
  }
}

/** Makes the client over `fetch`. */
export function createApi(send: typeof fetch): Api {
  const request = makeRequest(send);
  const call = async <T>(method: string, path: string, extras?: Extras) =>
    readJson<T>(await request(method, path, extras));
  const at = (id: string) => `/api/conversations/${encodeURIComponent(id)}`;
  const messageAt = (id: string, messageId: string) => `${at(id)}/messages/${encodeURIComponent(messageId)}`;
  const start = <T>(path: string, body: object) =>
    call<T>("POST", path, { body, headers: { Prefer: "respond-async" } });
  return {
    listModels: async () => (await call<{ models: ModelInfo[] }>("GET", "/api/models")).models,
    listConversations: (wanted, signal) =>
      call("GET", `/api/conversations?${new URLSearchParams({ ...wanted })}`, { signal: signal ?? null }),
    listNewest: async (etag) => {
      const headers = etag === null ? {} : { "If-None-Match": etag };
      const response = await request("GET", "/api/conversations", { headers });
      if (response.status === 304) return null;
      return { page: await readJson(response), etag: response.headers.get("ETag") };
    },
    openConversation: (id) => call("GET", at(id)),
    changeConversation: (id, change, version) => call("PATCH", at(id), { body: { ...change, version } }),
    markSeen: (id) => call("POST", `${at(id)}/seen`),
    showUsage: (id) => call("GET", `${at(id)}/usage`),
    deleteConversation: (id) => call("DELETE", at(id)),
    restoreConversation: (id) => call("POST", `${at(id)}/restore`),
    submit: (id, submit) => start(`${at(id)}/messages`, submit),
    regenerate: (id, messageId, submit) => start(`${messageAt(id, messageId)}/regenerate`, submit),
    continueAnswer: (id, messageId, submit) => start(`${messageAt(id, messageId)}/continue`, submit),
    upload: (file, name, signal) =>
      call("POST", `/api/attachments?${new URLSearchParams({ name })}`, { file, signal }),
    takeBackUpload: (id) => call("DELETE", `/api/attachments/${encodeURIComponent(id)}`),
    stop: (runId) => call("POST", `/api/runs/${encodeURIComponent(runId)}/stop`),
    showRun: (runId) => call("GET", `/api/runs/${encodeURIComponent(runId)}`),
  };
}
