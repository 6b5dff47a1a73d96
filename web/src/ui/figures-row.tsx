import { answerFigures, formatCount, formatDuration, formatUsd } from "../chat/figures";
import type { Receipt } from "../wire/api";
import type { Message } from "../wire/events";

/** Tokens, money and time of an answer that has ended. */
export function FiguresRow({ message, modelName }: { message: Message; modelName: string }) {
  return (
    <dl class="figures" aria-label="Figures of this answer">
      <div class="figure-model">
        <dt class="visually-hidden">model</dt>
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

function closedWords(receipt: Pick<Receipt, "stop_ms" | "upstream_closed">): string {
  const ms = formatDuration(receipt.stop_ms);
  return receipt.upstream_closed === false
    ? `Upstream not confirmed closed after ${ms}`
    : `Upstream closed in ${ms}`;
}

const ESTIMATES = { provider: "", estimated: " (estimated)", lower_bound: " at least (estimated)" } as const;

function receiptWords({ usage, cost, ...receipt }: Receipt): string {
  const words = [closedWords(receipt)];
  if (usage?.output !== undefined) {
    words.push(`${formatCount(usage.output)} tokens${ESTIMATES[usage.source ?? "provider"]}`);
  }
  words.push(
    cost?.usd === undefined
      ? "cost unknown"
      : `${formatUsd(cost.usd)}${cost.is_estimated ? " (estimated)" : ""}`,
  );
  return words.join(" · ");
}

/** What stopping did: the proof that the gate is shut. */
export function StopReceipt({ receipt }: { receipt: Receipt | null }) {
  if (receipt !== null && receipt.status !== "stopped") {
    return <p class="receipt">The answer had already ended.</p>;
  }
  return (
    <p class="receipt">
      <span class="receipt-mark" aria-hidden="true" />
      <strong>Stopped.</strong> {receipt === null ? "What was written is kept." : `${receiptWords(receipt)}.`}
    </p>
  );
}
