// What a turn asks of the server, by the call that is meant for it.

import type { Accepted, Api } from "../wire/api";
import type { Turn } from "./turn";

/** Sends what the turn asks; the same turn sent again starts no second run. */
export function submitTurn(api: Api, conversationId: string, turn: Turn | null): Promise<Accepted> {
  if (turn === null || turn.ask.kind === "resume") return Promise.reject(new Error("nothing to send"));
  const { ask, clientMessageId, model } = turn;
  const common = { client_message_id: clientMessageId, ...(model === null ? {} : { model }) };
  if (ask.kind === "regenerate") return api.regenerate(conversationId, ask.answerId, common);
  if (ask.kind === "continue") return api.continueAnswer(conversationId, ask.parentId, common);
  const parent = ask.parentId === null ? { is_root: true } : { parent_id: ask.parentId };
  const files = ask.files.length === 0 ? {} : { attachments: ask.files.map((file) => file.attachment_id) };
  const said = ask.instructions === undefined ? {} : { system_prompt: ask.instructions };
  return api.submit(conversationId, { text: ask.text, ...files, ...common, ...parent, ...said });
}

/** Whether the server has what was sent under that name; false when it cannot be asked. */
export async function hasArrived(
  api: Api,
  conversationId: string,
  clientMessageId: string,
): Promise<boolean> {
  try {
    const { messages, active_run } = await api.openConversation(conversationId);
    return [...messages, active_run].some((kept) => kept?.client_message_id === clientMessageId);
  } catch {
    return false;
  }
}
