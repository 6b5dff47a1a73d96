// Neighbouring pieces of one part become one piece: what a page does per event, it then does per batch.

import type { RunEvent } from "./types/events";

type Piece = Extract<RunEvent, { type: "text-delta" | "reasoning-delta" | "refusal-delta" }>;

function isPiece(event: RunEvent | undefined): event is Piece {
  return (
    event !== undefined &&
    event.extra === undefined &&
    (event.type === "text-delta" || event.type === "reasoning-delta" || event.type === "refusal-delta")
  );
}

/** The same log in fewer events: folding the one gives what folding the other gives. */
export function mergeDeltas(events: readonly RunEvent[]): RunEvent[] {
  const merged: RunEvent[] = [];
  for (const event of events) {
    const last = merged.at(-1);
    if (isPiece(event) && isPiece(last) && last.type === event.type && last.part_id === event.part_id)
      merged[merged.length - 1] = { ...last, text: last.text + event.text };
    else merged.push(event);
  }
  return merged;
}
