import type { ReadonlySignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Entry } from "../chat/transcript";
import type { Turn } from "../chat/turn";
import { strings } from "../strings/language";
import type { Message, SourcePart } from "../wire/types/messages";
import { AnswerPart } from "./answer-part";
import { Ending } from "./ending";
import { Sources } from "./sources";
import { StageLine } from "./stage-line";
import { Steps } from "./steps";
import type { TurnActions } from "./turn-actions";

export interface AnswerProps {
  entry: Entry;
  /** What is shown instead while the answer is written. */
  live: ReadonlySignal<Entry | null>;
  actions: TurnActions;
}

/** Whether the stage needs words of its own: the text, or the line over the reasoning, may say it already. */
function hasStageLine(turn: Turn, message: Message): boolean {
  if (turn.phase === "stopping" || turn.connection === "reconnecting") return true;
  if (turn.stage.name === "thinking") return message.parts.at(-1)?.type !== "reasoning";
  return turn.stage.name !== "writing";
}

/** What the model answers. */
export function Answer({ entry: known, live, actions }: AnswerProps) {
  // Who does not read the signal is not rendered again when it changes.
  const entry = known.turn === null ? known : (live.value ?? known);
  const { message, turn } = entry;
  const wasLive = useRef(false);
  if (turn !== null) wasLive.current = true;
  const parts = message.parts;
  const sources = parts.filter((part): part is SourcePart => part.type === "source");
  return (
    <article class={turn === null ? "answer" : "answer answer-live"} id={`message-${message.id}`}>
      <h2 class="visually-hidden">{strings().answered(message.model ?? strings().theModel)}</h2>
      <Steps steps={message.progress ?? []} />
      {parts.map((part, index) => (
        <AnswerPart
          key={"part_id" in part ? part.part_id : index}
          part={part}
          message={message}
          turn={turn}
          isLast={index === parts.length - 1}
        />
      ))}
      <Sources sources={sources} />
      {turn !== null && hasStageLine(turn, message) && <StageLine turn={turn} />}
      {turn === null && <Ending entry={entry} isNew={wasLive.current} actions={actions} />}
    </article>
  );
}
