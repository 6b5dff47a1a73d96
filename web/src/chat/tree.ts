// The tree of a conversation's messages: edits and regenerations are siblings, and one path through it is shown.

import type { Message } from "../wire/types/messages";

const ROOT = "";

function parentKey(message: Message): string {
  return message.parent_id ?? ROOT;
}

/** Gives the messages with the same parent as one, oldest first. */
export function findSiblings(messages: readonly Message[]): (message: Message) => readonly Message[] {
  const byParent = new Map<string, Message[]>();
  for (const message of messages) {
    const siblings = byParent.get(parentKey(message));
    if (siblings === undefined) byParent.set(parentKey(message), [message]);
    else siblings.push(message);
  }
  return (message) => byParent.get(parentKey(message)) ?? [];
}

/** The shown path: from the root down to the leaf. */
export function pathTo(messages: readonly Message[], leafId: string | null): Message[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const path: Message[] = [];
  let current = leafId === null ? undefined : byId.get(leafId);
  while (current !== undefined) {
    path.push(current);
    // Taking it out ends the walk even if the data had a cycle.
    byId.delete(current.id);
    current = current.parent_id === undefined ? undefined : byId.get(current.parent_id);
  }
  return path.reverse();
}

/** The newest message at the end of the branch that begins with this message. Messages come parents first. */
export function newestLeaf(messages: readonly Message[], fromId: string): string {
  const inBranch = new Set([fromId]);
  let leaf = fromId;
  for (const message of messages) {
    if (message.parent_id === undefined || !inBranch.has(message.parent_id)) continue;
    inBranch.add(message.id);
    leaf = message.id;
  }
  return leaf;
}
