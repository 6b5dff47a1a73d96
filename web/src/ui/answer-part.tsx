// One part of an answer.

import type { Turn } from "../chat/turn";
import { strings } from "../strings/language";
import type { Message, Part } from "../wire/types/messages";
import { AnswerText } from "./answer-text";
import { Reasoning } from "./reasoning";
import { ToolCall } from "./tool-call";

interface AnswerPartProps {
  part: Part;
  message: Message;
  turn: Turn | null;
  isLast: boolean;
}

export function AnswerPart({ part, message, turn, isLast }: AnswerPartProps) {
  const isLive = turn !== null;
  const isPaced = isLive ? turn.phase !== "stopping" : message.status === "finished";
  switch (part.type) {
    case "text":
      return <AnswerText text={part.text} isDone={!isLive} isInstant={!isPaced} />;
    case "refusal":
      return (
        <div class="refusal">
          <p class="refusal-title">{strings().declined}</p>
          <AnswerText text={part.text} isDone={!isLive} isInstant={!isPaced} />
        </div>
      );
    case "reasoning":
      return (
        <Reasoning
          text={part.text}
          isOpenEnded={isLive && isLast && turn.stage.name === "thinking"}
          thinking={turn?.thinking ?? null}
          durationMs={message.timings?.reasoning_ms}
        />
      );
    case "tool-call":
      return <ToolCall part={part} />;
    case "source":
    case "data":
    case "image":
      return null;
  }
}
