// The calls of the HTTP contract, typed. Together with run-follower.ts the only place that fetches.

import type {
  Conversation,
  ConversationPage,
  Cost,
  Message,
  ModelInfo,
  Run,
  RunStatus,
  TokenUsage,
} from "./events";
import { networkProblem, readProblem } from "./problem";

interface OpenConversation {
  conversation: Conversation;
  messages: Message[];
  active_run?: Run | null;
}

interface Submit {
  text: string;
  client_message_id: string;
  parent_id?: string;
  /** A branch of its own at the top: an edit of the first message. */
  is_root?: boolean;
  model?: string;
}

export interface Accepted {
  run: Run;
  message_id: string;
  user_message_id?: string | null;
}

export interface Receipt {
  status: RunStatus;
  upstream_closed: boolean | null;
  stop_ms: number;
  usage?: TokenUsage | null;
  cost?: Cost | null;
}

/** The server, as the rest of the page sees it. Every method rejects with a `Problem`. */
export interface Api {
  listModels(): Promise<ModelInfo[]>;
  listConversations(cursor?: string): Promise<ConversationPage>;
  openConversation(id: string): Promise<OpenConversation>;
  renameConversation(id: string, title: string, version: number): Promise<Conversation>;
  deleteConversation(id: string): Promise<void>;
  restoreConversation(id: string): Promise<void>;
  submit(conversationId: string, submit: Submit): Promise<Accepted>;
  regenerate(conversationId: string, messageId: string, submit: Omit<Submit, "text">): Promise<Accepted>;
  continueAnswer(conversationId: string, messageId: string, submit: Omit<Submit, "text">): Promise<Accepted>;
  stop(runId: string): Promise<Receipt>;
}

const JSON_TYPE = { "Content-Type": "application/json" };

type Call = <T>(method: string, path: string, body?: object, headers?: Record<string, string>) => Promise<T>;

function makeCall(send: typeof fetch): Call {
  return async <T>(method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
    const init: RequestInit = { method, headers: { Accept: "application/json", ...headers } };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { ...init.headers, ...JSON_TYPE };
    }
    let response: Response;
    try {
      response = await send(path, init);
    } catch (error) {
      throw networkProblem(error);
    }
    if (!response.ok) throw await readProblem(response);
    if (response.status === 204) return undefined as T;
    try {
      return (await response.json()) as T;
    } catch (error) {
      throw networkProblem(error);
    }
  };
}

/** Makes the client over `fetch`. */
export function createApi(send: typeof fetch): Api {
  const call = makeCall(send);
  const at = (id: string) => `/api/conversations/${encodeURIComponent(id)}`;
  const messageAt = (id: string, messageId: string) => `${at(id)}/messages/${encodeURIComponent(messageId)}`;
  const inBackground = { Prefer: "respond-async" };
  return {
    listModels: async () => (await call<{ models: ModelInfo[] }>("GET", "/api/models")).models,
    listConversations: (cursor) =>
      call("GET", `/api/conversations${cursor === undefined ? "" : `?cursor=${encodeURIComponent(cursor)}`}`),
    openConversation: (id) => call("GET", at(id)),
    renameConversation: (id, title, version) => call("PATCH", at(id), { title, version }),
    deleteConversation: (id) => call("DELETE", at(id)),
    restoreConversation: (id) => call("POST", `${at(id)}/restore`),
    submit: (id, submit) => call("POST", `${at(id)}/messages`, submit, inBackground),
    regenerate: (id, messageId, submit) =>
      call("POST", `${messageAt(id, messageId)}/regenerate`, submit, inBackground),
    continueAnswer: (id, messageId, submit) =>
      call("POST", `${messageAt(id, messageId)}/continue`, submit, inBackground),
    stop: (runId) => call("POST", `/api/runs/${encodeURIComponent(runId)}/stop`),
  };
}
