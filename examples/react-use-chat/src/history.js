// What Penstock keeps of the conversation, as the AI SDK's messages, and whether an answer is being given.
export async function loadConversation(id) {
  const response = await fetch(`/api/conversations/${id}`);
  if (response.status === 404) return { messages: [], isLive: false };
  if (!response.ok) throw new Error(await response.text());
  const { messages, active_run: run } = await response.json();
  return { messages: newestBranch(messages).filter(isWhole).map(toUiMessage), isLive: run !== null };
}

// Edits and regenerations are siblings in a tree: this is the way from the newest message to the top.
function newestBranch(messages) {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const branch = [];
  for (let message = messages.at(-1); message; message = byId.get(message.parent_id)) branch.unshift(message);
  return branch;
}

// A live answer is left out: the resumed stream brings it from its first word.
function isWhole({ role, status }) {
  return role === 'user' || ['finished', 'stopped', 'failed', 'interrupted'].includes(status);
}

function toUiMessage({ id, role, parts, status, usage }) {
  const shown = parts.filter(({ type }) => type === 'text' || type === 'reasoning' || type === 'refusal');
  return {
    id,
    role,
    parts: shown.map(({ type, text }) => ({ type: type === 'reasoning' ? 'reasoning' : 'text', text })),
    metadata: { status, usage: usage && { outputTokens: usage.output } },
  };
}
