// An answer that broke off and its continuations, shown as the one answer that they are. What is kept stays apart.

import type { Message, Part } from "../wire/types/messages";
import type { Cost, Timings, TokenUsage } from "../wire/types/values";
import { compact } from "./compact";

const BROKEN_OFF = new Set<string | undefined>(["stopped", "interrupted", "failed"]);

function hasWords(message: Message): boolean {
  return message.parts.some((part) => part.type === "text" && part.text !== "");
}

/** Whether the rest of this answer can be asked for. */
export function canContinue(message: Message): boolean {
  if (message.role !== "assistant" || !hasWords(message)) return false;
  if (message.failure?.code === "content_filter") return false;
  return BROKEN_OFF.has(message.status) || message.finish_reason === "length";
}

/** One text where two meet, so that a table or a code block that broke off is whole again. */
function joinParts(before: readonly Part[], after: readonly Part[], mark: number): Part[] {
  const named = after.map((part, index) => ({ ...part, part_id: `${mark}-${part.part_id ?? index}` }));
  const [last, first] = [before.at(-1), named[0]];
  if (last?.type !== "text" || first?.type !== "text") return [...before, ...named];
  // A new name, because the text that was done is written on.
  const joined = { ...first, text: last.text + first.text };
  return [...before.slice(0, -1), joined, ...named.slice(1)];
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

const CERTAINTY = ["provider", "estimated", "lower_bound"] as const;

function joinUsage(a: TokenUsage | undefined, b: TokenUsage | undefined): TokenUsage | undefined {
  if (a === undefined || b === undefined) return undefined;
  const rank = (usage: TokenUsage) => CERTAINTY.indexOf(usage.source ?? "provider");
  return compact<TokenUsage>({
    input: sum(a.input, b.input),
    output: sum(a.output, b.output),
    total: sum(a.total, b.total),
    cached: (a.cached ?? 0) + (b.cached ?? 0),
    reasoning: (a.reasoning ?? 0) + (b.reasoning ?? 0),
    source: CERTAINTY[Math.max(rank(a), rank(b))],
  });
}

function joinCost(a: Cost | undefined, b: Cost | undefined): Cost | undefined {
  if (a?.usd === undefined || b?.usd === undefined) return undefined;
  const is_estimated = a.is_estimated === true || b.is_estimated === true;
  return { ...b, usd: a.usd + b.usd, is_estimated };
}

function joinTimings(a: Timings | undefined, b: Timings | undefined): Timings | undefined {
  return compact<Timings>({
    first_token_ms: a?.first_token_ms,
    total_ms: sum(a?.total_ms, b?.total_ms),
    reasoning_ms: a?.reasoning_ms,
  });
}

/** Reads two messages as one answer: the text of both, the end of the second, and what both together took. */
export function joinAnswers(before: Message, after: Message, mark: number): Message {
  return compact<Message>({
    ...after,
    parts: joinParts(before.parts, after.parts, mark),
    filters: [...(before.filters ?? []), ...(after.filters ?? [])],
    progress: [...(before.progress ?? []), ...(after.progress ?? [])],
    usage: joinUsage(before.usage, after.usage),
    cost: joinCost(before.cost, after.cost),
    timings: joinTimings(before.timings, after.timings),
  });
}
