// The conversation as articles under one scroller that follows the newest text until the reader moves up.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { announce } from "../chat/announcement";
import type { Entry } from "../chat/transcript";
import { strings } from "../strings/language";
import { listenForCodeCopies } from "../text/copy-text";
import { FollowScroll } from "../text/follow-scroll";
import { Answer } from "./answer";
import { ArrowDownIcon } from "./icons";
import { Question } from "./question";
import type { TurnActions } from "./turn-actions";

export interface TranscriptProps {
  conversationId: string;
  entries: readonly Entry[];
  canAsk: boolean;
  /** The question that is being put in other words. */
  editedId: string | null;
  actions: TurnActions;
}

function useFollowing(conversationId: string, lastQuestion: string | undefined) {
  const scroller = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef<FollowScroll | null>(null);
  const [isFollowing, setFollowing] = useState(true);

  useLayoutEffect(() => {
    if (scroller.current === null || content.current === null) return;
    following.current = new FollowScroll(scroller.current, content.current, setFollowing);
    const stopListening = listenForCodeCopies(content.current, announce);
    return () => {
      following.current?.close();
      stopListening();
    };
  }, []);

  // Another conversation, and a question of one's own, begin at the newest text.
  useEffect(() => following.current?.follow(), [conversationId, lastQuestion]);

  return { scroller, content, isFollowing, toNewest: () => following.current?.follow() };
}

export function Transcript(props: TranscriptProps) {
  const { entries, canAsk, editedId, actions } = props;
  const lastQuestion = entries.findLast((entry) => entry.message.role === "user")?.key;
  const { scroller, content, isFollowing, toNewest } = useFollowing(props.conversationId, lastQuestion);
  return (
    <div class="transcript-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroller must be reachable by keys */}
      <section class="transcript" ref={scroller} aria-label={strings().conversation} tabIndex={0}>
        <div class="transcript-column" ref={content}>
          {entries.map((entry) =>
            entry.message.role === "user" ? (
              <Question
                key={entry.key}
                entry={entry}
                canAsk={canAsk}
                isEdited={entry.message.id === editedId}
                actions={actions}
              />
            ) : (
              <Answer key={entry.key} entry={entry} canAsk={canAsk} actions={actions} />
            ),
          )}
        </div>
      </section>
      {!isFollowing && (
        <button type="button" class="pill" onClick={toNewest}>
          <ArrowDownIcon /> {strings().newest}
        </button>
      )}
    </div>
  );
}
