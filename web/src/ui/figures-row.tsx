import type { ComponentChildren } from "preact";
import { answerFigures } from "../chat/figures";
import { strings } from "../strings/language";
import { formatCount, formatDuration, formatUsd } from "../strings/numbers";
import type { Receipt } from "../wire/api";
import type { Message } from "../wire/types/messages";
import type { Cost, TokenUsage } from "../wire/types/values";

/** Tokens, money and time of an answer that has ended. */
export function FiguresRow({ message, modelName }: { message: Message; modelName: string }) {
  return (
    <dl class="figures" aria-label={strings().figures}>
      <div class="figure-model">
        <dt class="visually-hidden">{strings().figureModel}</dt>
        <dd>{modelName}</dd>
      </div>
      {answerFigures(message).map(({ label, value, title }) => (
        <div key={label} title={title}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** How long it took is known only where the stop was made. */
function closedWords({ stop_ms, upstream_closed }: Receipt): string {
  if (upstream_closed === null) return strings().kept;
  const words = upstream_closed ? strings().upstreamClosed : strings().upstreamUnconfirmed;
  return words(stop_ms === 0 ? null : formatDuration(stop_ms));
}

function tokenWords(usage: TokenUsage): string[] {
  if (usage.output === undefined) return [];
  const count = strings().tokenCount(usage.output, formatCount(usage.output));
  return [strings().asIs[usage.source ?? "provider"](count)];
}

function costWords(cost: Cost | null | undefined): string {
  if (cost?.usd === undefined) return strings().costUnknown;
  return strings().asIs[cost.is_estimated ? "estimated" : "provider"](formatUsd(cost.usd));
}

function receiptWords(receipt: Receipt | null, message: Message): string {
  const { usage, cost } = receipt ?? message;
  const closed = receipt === null ? strings().kept : closedWords(receipt);
  return [closed, ...tokenWords(usage ?? {}), costWords(cost)].join(" · ");
}

interface StopReceiptProps {
  receipt: Receipt | null;
  message: Message;
  children?: ComponentChildren;
}

/** What stopping did: the proof that the gate is shut. */
export function StopReceipt({ receipt, message, children }: StopReceiptProps) {
  if (receipt !== null && receipt.status !== "stopped") {
    return <p class="receipt">{strings().alreadyEnded}</p>;
  }
  return (
    <p class="receipt">
      <span class="receipt-mark" aria-hidden="true" />
      <strong>{strings().stopped}</strong> {receiptWords(receipt, message)} {children}
    </p>
  );
}
