// The conversation as articles under one scroller that follows the newest text until the reader moves up.

import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { announce } from "../chat/announcement";
import type { Entry } from "../chat/transcript";
import { strings } from "../strings/language";
import { listenForCopies } from "../text/copy-text";
import { FollowScroll } from "../text/follow-scroll";
import { ArrowDownIcon } from "./icons";
import { BLOCK_SIZE, TranscriptBlock } from "./transcript-block";
import type { TurnActions } from "./turn-actions";

export interface TranscriptProps {
  entries: readonly Entry[];
  /** The last entry as it is now, while an answer is written. A signal: nothing else is rendered again for its words. */
  live: ReadonlySignal<Entry | null>;
  /** The question that is being put in other words. */
  editedId: string | null;
  actions: TurnActions;
}

/** The newest messages are painted first: so many blocks, which are 30 messages at least. */
const FIRST_BLOCKS = 4;
/** Where the browser cannot say when it is idle. */
const SOON_MS = 50;

function whenIdle(then: () => void): () => void {
  if ("requestIdleCallback" in window) {
    const idle = requestIdleCallback(then, { timeout: 1000 });
    return () => cancelIdleCallback(idle);
  }
  const timer = setTimeout(then, SOON_MS);
  return () => clearTimeout(timer);
}

/** The first block that is shown; it moves to the oldest one, a block whenever the browser has nothing else to do. */
function useFirstBlock(count: number): number {
  const [first, setFirst] = useState(() => Math.max(0, count - FIRST_BLOCKS));
  useEffect(() => (first === 0 ? undefined : whenIdle(() => setFirst(first - 1))), [first]);
  return Math.min(first, Math.max(0, count - 1));
}

function useFollowing(lastQuestion: string | undefined) {
  const scroller = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef<FollowScroll | null>(null);
  const [isFollowing, setFollowing] = useState(true);

  useLayoutEffect(() => {
    if (scroller.current === null || content.current === null) return;
    following.current = new FollowScroll(scroller.current, content.current, setFollowing);
    const stopListening = listenForCopies(content.current, announce);
    return () => {
      following.current?.close();
      stopListening();
    };
  }, []);

  // A conversation, and a question of one's own, begin at the newest text.
  useLayoutEffect(() => following.current?.follow(), [lastQuestion]);

  return { scroller, content, isFollowing, toNewest: () => following.current?.follow() };
}

/** One conversation; another one is another transcript. */
export function Transcript({ entries, live, editedId, actions }: TranscriptProps) {
  const lastQuestion = entries.findLast((entry) => entry.message.role === "user")?.key;
  const { scroller, content, isFollowing, toNewest } = useFollowing(lastQuestion);
  const count = Math.ceil(entries.length / BLOCK_SIZE);
  const first = useFirstBlock(count);
  const blocks = Array.from({ length: count - first }, (_, index) => first + index);
  return (
    <div class="transcript-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroller must be reachable by keys */}
      <section class="transcript" ref={scroller} aria-label={strings().conversation} tabIndex={0}>
        <div class="transcript-column" ref={content} data-taken={actions.isTaken}>
          {blocks.map((block) => (
            <TranscriptBlock
              key={block}
              entries={entries.slice(block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE)}
              isLast={block === count - 1}
              live={live}
              editedId={editedId}
              actions={actions}
            />
          ))}
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
