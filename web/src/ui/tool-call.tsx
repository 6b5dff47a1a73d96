// A tool that the model called: its name, what it was given, and what it gave back.

import { strings } from "../strings/language";
import type { ToolPart } from "../wire/types/messages";

function show(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

function Value({ name, text }: { name: string; text: string }) {
  if (text === "") return null;
  return (
    <>
      <h3>{name}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
      <pre tabIndex={0}>{text}</pre>
    </>
  );
}

export function ToolCall({ part }: { part: ToolPart }) {
  const input = part.input === undefined ? (part.arguments ?? "") : show(part.input);
  const output = part.output === undefined ? "" : show(part.output);
  return (
    <details class="tool">
      <summary>
        {strings().tool} <code>{part.name}</code>{" "}
        <span class="tool-state">{strings().toolStates[part.state ?? "streaming"]}</span>
      </summary>
      <Value name={strings().toolInput} text={input} />
      <Value name={strings().toolOutput} text={output} />
      <Value name={strings().toolError} text={part.error_text ?? ""} />
    </details>
  );
}
