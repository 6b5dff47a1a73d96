// One part of an answer.

import type { Turn } from "../chat/turn";
import { strings } from "../strings/language";
import type { Message, Part, SourcePart, ToolPart } from "../wire/events";
import { AnswerText } from "./answer-text";
import { Reasoning } from "./reasoning";

interface AnswerPartProps {
  part: Part;
  message: Message;
  turn: Turn | null;
  isLast: boolean;
}

function show(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

function ToolCall({ part }: { part: ToolPart }) {
  const output = part.error_text ?? (part.output === undefined ? "" : show(part.output));
  return (
    <details class="tool">
      <summary>
        {strings().tool} <code>{part.name}</code>{" "}
        <span class="tool-state">{strings().toolStates[part.state ?? "streaming"]}</span>
      </summary>
      <pre>{part.input === undefined ? (part.arguments ?? "") : show(part.input)}</pre>
      {output !== "" && <pre>{output}</pre>}
    </details>
  );
}

function SourceLine({ part }: { part: SourcePart }) {
  const words = part.title ?? part.url ?? part.source_id;
  if (part.url === undefined || !/^https?:\/\//i.test(part.url))
    return (
      <p class="source">
        {strings().source} {words}
      </p>
    );
  return (
    <p class="source">
      {strings().source}{" "}
      <a href={part.url} target="_blank" rel="noopener noreferrer nofollow">
        {words}
      </a>
    </p>
  );
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
      return <SourceLine part={part} />;
    case "data":
    case "image":
      return null;
  }
}
