// What was done before and between the words, with how long it took.

import { strings } from "../strings/language";
import { formatDuration } from "../strings/numbers";
import type { Progress } from "../wire/types/events";

function wordsOf(step: Progress): string {
  const known: Readonly<Record<string, string>> = strings().stages;
  const name = known[step.stage] ?? step.stage;
  const words = step.detail === undefined ? name : `${name}: ${step.detail}`;
  return step.state === "failed" ? strings().stepFailed(words) : words;
}

/** The steps that are over; the one under way has a line of its own. */
export function Steps({ steps }: { steps: readonly Progress[] }) {
  const done = steps.filter((step) => step.state !== "started");
  if (done.length === 0) return null;
  return (
    <details class="steps">
      <summary>{strings().steps(done.length)}</summary>
      <ol>
        {done.map((step) => (
          <li key={step.stage}>
            {wordsOf(step)}
            {step.duration_ms !== undefined && <span>{formatDuration(step.duration_ms)}</span>}
          </li>
        ))}
      </ol>
    </details>
  );
}
