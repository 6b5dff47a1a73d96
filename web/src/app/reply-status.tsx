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
  const before = useRef({ id: state.id, isAnswering: false });
  useEffect(() => {
    const { id, isAnswering: wasAnswering } = before.current;
    before.current = { id: state.id, isAnswering };
    if (isAnswering && !wasAnswering) announce(strings().replying);
    // Another conversation that is shown now has not ended because of that.
    else if (!isAnswering && wasAnswering && id === state.id) announce(endingWords(status));
  }, [state.id, isAnswering, status]);
  return (
    <p role="status" class="visually-hidden">
      {announcement.value}
    </p>
  );
}
