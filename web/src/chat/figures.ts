// The figures under an answer, in words. Unknown stays unknown; an estimate says that it is one.

import { strings } from "../strings/language";
import { formatCount, formatDuration, formatUsd } from "../strings/numbers";
import type { Message } from "../wire/types/messages";
import type { Cost, Timings, TokenUsage } from "../wire/types/values";

export interface Figure {
  readonly label: string;
  readonly value: string;
  /** What a person reads on asking for more. */
  readonly title?: string;
}

const SOURCE_MARKS = { provider: "", estimated: "≈ ", lower_bound: "≥ " } as const;

function isEstimated(usage: TokenUsage | null | undefined): boolean {
  return (usage?.source ?? "provider") !== "provider";
}

function tokenFigures(usage: TokenUsage | undefined): Figure[] {
  const words = strings();
  if (usage === undefined) return [{ label: words.figureTokens, value: words.unknown }];
  const source = usage.source ?? "provider";
  const count = (label: string, value: number | undefined): Figure => ({
    label,
    value: value === undefined ? words.unknown : SOURCE_MARKS[source] + formatCount(value),
    title: words.usageSources[source],
  });
  const figures = [count(words.figureIn, usage.input), count(words.figureOut, usage.output)];
  if (usage.cached) figures.push(count(words.figureCached, usage.cached));
  if (usage.reasoning) figures.push(count(words.figureReasoning, usage.reasoning));
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
  const words = strings();
  const { first_token_ms: first, total_ms: total } = message.timings ?? {};
  const figures: Figure[] = [];
  if (first !== undefined) {
    figures.push({
      label: words.figureFirstToken,
      value: formatDuration(first),
      title: words.firstTokenTitle,
    });
  }
  if (total !== undefined) figures.push({ label: words.figureTotal, value: formatDuration(total) });
  const rate = tokensPerSecond(message.usage, message.timings);
  if (rate !== null) {
    const mark = isEstimated(message.usage) ? "≈ " : "";
    figures.push({ label: words.figureRate, value: mark + formatCount(Math.round(rate)) });
  }
  return figures;
}

function costFigure(cost: Cost | undefined): Figure {
  const words = strings();
  const label = words.figureCost;
  if (cost?.usd === undefined) return { label, value: words.unknown, title: words.noPrice };
  const title = (cost.is_estimated ? words.costEstimated : words.costComputed)(cost.price_model);
  return { label, value: `${cost.is_estimated ? "≈ " : ""}${formatUsd(cost.usd)}`, title };
}

/** The row under an answer that has ended. */
export function answerFigures(message: Message): Figure[] {
  return [...tokenFigures(message.usage), costFigure(message.cost), ...timeFigures(message)];
}
