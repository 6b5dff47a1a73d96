// The figures under an answer, in words. Unknown stays unknown; an estimate says that it is one.

import type { Cost, Message, Timings, TokenUsage } from "../wire/events";

export interface Figure {
  readonly label: string;
  readonly value: string;
  /** What a person reads on asking for more. */
  readonly title?: string;
}

const UNKNOWN = "unknown";

export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** 240 ms, 3.4 s, 2 min 5 s. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return `${minutes} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** Dollars with as many decimals as the sum needs to be told from zero. */
export function formatUsd(usd: number): string {
  if (usd === 0) return "$0";
  if (usd >= 1) return `$${usd.toFixed(2)}`;
  if (usd < 0.000001) return "< $0.000001";
  const decimals = Math.min(6, Math.max(2, 1 - Math.floor(Math.log10(usd)) + 1));
  return `$${usd.toFixed(decimals).replace(/(\.\d\d\d*?)0+$/, "$1")}`;
}

const SOURCE_MARKS = { provider: "", estimated: "≈ ", lower_bound: "≥ " } as const;
const SOURCE_TITLES = {
  provider: "Counted by the model service",
  estimated: "Estimated from the text: the model service gave no count",
  lower_bound: "At least this much: some of the reasoning was not visible",
} as const;

function isEstimated(usage: TokenUsage | null | undefined): boolean {
  return (usage?.source ?? "provider") !== "provider";
}

function tokenFigures(usage: TokenUsage | undefined): Figure[] {
  if (usage === undefined) return [{ label: "tokens", value: UNKNOWN }];
  const source = usage.source ?? "provider";
  const count = (label: string, value: number | undefined): Figure => ({
    label,
    value: value === undefined ? UNKNOWN : SOURCE_MARKS[source] + formatCount(value),
    title: SOURCE_TITLES[source],
  });
  const figures = [count("in", usage.input), count("out", usage.output)];
  if (usage.cached) figures.push(count("cached", usage.cached));
  if (usage.reasoning) figures.push(count("reasoning", usage.reasoning));
  return figures;
}

/** Output tokens per second from the first token to the end. */
export function tokensPerSecond(usage: TokenUsage | undefined, timings: Timings | undefined): number | null {
  const { first_token_ms: first, total_ms: total } = timings ?? {};
  if (usage?.output === undefined || first === undefined || total === undefined) return null;
  const seconds = (total - first) / 1000;
  return seconds > 0.05 && usage.output > 1 ? usage.output / seconds : null;
}

function timeFigures(message: Message): Figure[] {
  const { first_token_ms: first, total_ms: total } = message.timings ?? {};
  const figures: Figure[] = [];
  if (first !== undefined) {
    figures.push({ label: "first token", value: formatDuration(first), title: "Time to the first token" });
  }
  if (total !== undefined) figures.push({ label: "total", value: formatDuration(total) });
  const rate = tokensPerSecond(message.usage, message.timings);
  if (rate !== null) {
    const mark = isEstimated(message.usage) ? "≈ " : "";
    figures.push({ label: "tok/s", value: mark + formatCount(Math.round(rate)) });
  }
  return figures;
}

function costFigure(cost: Cost | undefined): Figure {
  if (cost?.usd === undefined) {
    return { label: "cost", value: UNKNOWN, title: "No price is known for this model" };
  }
  const priced = cost.price_model === undefined ? "" : ` at the prices of ${cost.price_model}`;
  const title = `${cost.is_estimated ? "Estimated" : "Computed"}${priced}`;
  return { label: "cost", value: `${cost.is_estimated ? "≈ " : ""}${formatUsd(cost.usd)}`, title };
}

/** The row under an answer that has ended. */
export function answerFigures(message: Message): Figure[] {
  return [...tokenFigures(message.usage), costFigure(message.cost), ...timeFigures(message)];
}

/** What the shown answers cost together; null when nothing is known. */
export function totalCost(messages: readonly Message[]): { usd: number; isEstimated: boolean } | null {
  const costs = messages.filter((message) => message.role === "assistant").map((message) => message.cost);
  const known = costs.filter((cost) => cost?.usd !== undefined);
  if (known.length === 0) return null;
  const usd = known.reduce((sum, cost) => sum + (cost?.usd ?? 0), 0);
  return { usd, isEstimated: known.length < costs.length || known.some((cost) => cost?.is_estimated) };
}
