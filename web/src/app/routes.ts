// Addresses: `/` is a new chat, `/c/{id}` a conversation.

/** The conversation that an address names; null for a new chat. */
export function conversationOf(path: string): string | null {
  return /^\/c\/([A-Za-z0-9_-]{1,64})\/?$/.exec(path)?.[1] ?? null;
}

export function addressOf(conversationId: string | null): string {
  return conversationId === null ? "/" : `/c/${conversationId}`;
}
