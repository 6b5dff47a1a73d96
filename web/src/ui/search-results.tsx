// What a search found: conversations with the place in them that has the words.

import type { Found } from "../chat/chat-search";
import { strings } from "../strings/language";
import { onPlainClick } from "./conversation-item";

export interface SearchResultsProps {
  query: string;
  /** Null while the first answer is awaited. */
  found: readonly Found[] | null;
  problem: string | null;
  onOpen(conversationId: string, messageId: string | null): void;
}

function Snippet({ found }: { found: Found }) {
  const { match, conversation } = found;
  if (match === null) return null;
  const pieces = match.snippet.map((piece, index) =>
    piece.is_match ? <mark key={index}>{piece.text}</mark> : <span key={index}>{piece.text}</span>,
  );
  const isTitle = match.message_id === undefined;
  return (
    <>
      <span class="chat-title">{isTitle ? pieces : (conversation.title ?? strings().newChat)}</span>
      {!isTitle && <small class="snippet">{pieces}</small>}
    </>
  );
}

export function SearchResults({ query, found, problem, onOpen }: SearchResultsProps) {
  const status =
    problem ?? (found === null ? null : found.length === 0 ? strings().nothingFound(query) : null);
  return (
    <section class="found" aria-label={strings().searchResults}>
      <p role="status" class={status === null ? "visually-hidden" : "chats-empty"}>
        {status ?? (found === null ? "" : strings().foundCount(found.length))}
      </p>
      <ul>
        {found?.map((one) => (
          <li key={one.conversation.id} class="chat-item found-item">
            <a
              href={`/c/${one.conversation.id}`}
              onClick={onPlainClick(() => onOpen(one.conversation.id, one.match?.message_id ?? null))}
            >
              <Snippet found={one} />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
