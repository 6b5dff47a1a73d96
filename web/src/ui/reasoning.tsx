// What the model thought, folded away under how long it took.

import { useState } from "preact/hooks";
import type { Thinking } from "../chat/stage";
import { strings } from "../strings/language";
import { AnswerText } from "./answer-text";
import { DownIcon } from "./icons";
import { useSeconds } from "./use-seconds";

interface ReasoningProps {
  text: string;
  isOpenEnded: boolean;
  /** As this page saw it, while the answer is written here. */
  thinking: Thinking | null;
  /** As the server measured it. */
  durationMs: number | undefined;
}

function useHeading({ isOpenEnded, thinking, durationMs }: ReasoningProps): string {
  const running = useSeconds(thinking?.from ?? 0, isOpenEnded);
  if (isOpenEnded) return running > 0 ? strings().thinkingFor(running) : strings().stages.thinking;
  const seen = thinking?.to ? thinking.to - thinking.from : undefined;
  const ms = durationMs ?? seen;
  if (ms === undefined) return strings().thought;
  return strings().thoughtFor(ms < 1000 ? 0 : Math.round(ms / 1000));
}

export function Reasoning(props: ReasoningProps) {
  const [isOpen, setOpen] = useState(false);
  const heading = useHeading(props);
  if (props.text === "")
    return <p class={props.isOpenEnded ? "thought thought-live" : "thought"}>{heading}</p>;
  return (
    <details class="reasoning" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span class={props.isOpenEnded ? "thought thought-live" : "thought"}>{heading}</span>
        <DownIcon />
      </summary>
      {isOpen && <AnswerText text={props.text} isDone={!props.isOpenEnded} isInstant />}
    </details>
  );
}
