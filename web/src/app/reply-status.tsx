import { useEffect, useRef } from "preact/hooks";
import { announce, announcement } from "../chat/announcement";
import type { ChatState } from "../chat/chat-state";
import type { Entry } from "../chat/transcript";
import { strings } from "../strings/language";

function endingWords(status: string): string {
  const endings: Readonly<Record<string, string>> = strings().replyEndings;
  return endings[status] ?? "";
}

/** The page's one status region. It says once that a reply began and once how it ended, never its text. */
export function ReplyStatus({ state, entries }: { state: ChatState; entries: readonly Entry[] }) {
  const isAnswering = state.turn !== null && state.turn.phase !== "unsent";
  const status = entries.at(-1)?.message.status ?? "";
  const wasAnswering = useRef(false);
  useEffect(() => {
    if (isAnswering) announce(strings().replying);
    else if (wasAnswering.current) announce(endingWords(status));
    wasAnswering.current = isAnswering;
  }, [isAnswering, status]);
  return (
    <p role="status" class="visually-hidden">
      {announcement.value}
    </p>
  );
}
