// A chat of the AI SDK without a page: the SDK's own classes, with plain objects for state.

export function openChat(sdk, { api, id, messages = [], body = {}, transport, ...rest }) {
  const state = {
    status: 'ready',
    error: undefined,
    messages: [...messages],
    pushMessage(message) {
      state.messages = [...state.messages, message];
    },
    popMessage() {
      state.messages = state.messages.slice(0, -1);
    },
    replaceMessage(index, message) {
      state.messages = state.messages.map((kept, i) => (i === index ? structuredClone(message) : kept));
    },
    snapshot: (value) => structuredClone(value),
  };
  const seen = { finishes: [], errors: [], data: [] };
  const Chat = class extends sdk.AbstractChat {};
  const chat = new Chat({
    id,
    state,
    transport: transport ?? new sdk.DefaultChatTransport({ api, body }),
    onFinish: ({ isAbort, isDisconnect, isError, finishReason }) =>
      seen.finishes.push({ isAbort, isDisconnect, isError, finishReason }),
    onError: (error) => seen.errors.push(String(error.message)),
    onData: (part) => seen.data.push(part),
    ...rest,
  });
  return { chat, seen, state };
}

export function textOf(message) {
  return (message?.parts ?? [])
    .filter((part) => part.type === 'text')
    .map((part) => part.text)
    .join('');
}

// What a person would see, and what the page's code was told.
export function describe({ chat, seen }) {
  return {
    status: chat.status,
    error: chat.error?.message,
    messages: chat.messages.map(({ id, role, parts, metadata }) => ({
      id,
      role,
      parts,
      metadata,
      text: textOf({ parts }),
    })),
    ...seen,
  };
}

// Resolves once the answer of what is being sent has that many characters; rejects when it ends before.
export async function grown({ chat }, size, sending) {
  let isOver = false;
  sending.finally(() => {
    isOver = true;
  });
  while (sizeOf(chat) < size) {
    if (isOver) throw new Error(`the answer ended with ${sizeOf(chat)} characters, ${chat.status}: ${chat.error}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function sizeOf(chat) {
  return chat.lastMessage?.role === 'assistant' ? textOf(chat.lastMessage).length : 0;
}
