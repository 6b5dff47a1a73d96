// What the answer is doing before and between its words, so that the page is never a dead screen.

import { strings } from "../strings/language";
import type { Progress, RunEvent } from "../wire/types/events";

/** The stage that a person sees, and when it began (milliseconds of the page's clock). */
export interface Stage {
  readonly name: "sending" | "connecting" | "waiting" | "thinking" | "writing" | "calling" | string;
  readonly since: number;
  readonly detail?: string;
}

/** When reasoning was first and last seen: "Thought for N s" before the server's own figure arrives. */
export interface Thinking {
  readonly from: number;
  readonly to: number | null;
}

const NEXT: { readonly [Type in RunEvent["type"]]?: Stage["name"] } = {
  "run-started": "connecting",
  "step-started": "waiting",
  "step-finished": "waiting",
  "step-reset": "waiting",
  "reasoning-started": "thinking",
  "reasoning-ended": "waiting",
  "text-started": "writing",
  "refusal-started": "writing",
  "tool-call-started": "calling",
  "tool-result": "waiting",
};

/** The stage after an event; the same value when the event changes nothing. */
export function nextStage(stage: Stage, event: RunEvent, now: number): Stage {
  if (event.type === "progress") return progressStage(stage, event, now);
  const name = NEXT[event.type];
  return name === undefined || name === stage.name ? stage : { name, since: now };
}

function progressStage(stage: Stage, event: Progress, now: number): Stage {
  if (event.state !== "started") {
    return stage.name === event.stage ? { name: "waiting", since: now } : stage;
  }
  const began = { name: event.stage, since: now };
  return event.detail === undefined ? began : { ...began, detail: event.detail };
}

/** When thinking began and ended, as the page saw it. */
export function nextThinking(thinking: Thinking | null, event: RunEvent, now: number): Thinking | null {
  if (event.type === "reasoning-started") return { from: thinking?.from ?? now, to: null };
  if (event.type === "reasoning-ended" && thinking !== null) return { ...thinking, to: now };
  return thinking;
}

/** The stage in words. */
export function stageWords(stage: Stage): string {
  const known: Readonly<Record<string, string>> = strings().stages;
  const words = known[stage.name] ?? stage.name.charAt(0).toUpperCase() + stage.name.slice(1);
  return stage.detail === undefined ? words : `${words}: ${stage.detail}`;
}
