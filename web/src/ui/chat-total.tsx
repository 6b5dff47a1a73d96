// What a whole conversation took, with its regenerated answers and its title: the sum at a glance, the parts on asking.

import { strings } from "../strings/language";
import { formatCount, formatUsd } from "../strings/numbers";
import type { Spending } from "../wire/types/conversations";

const PANEL = "chat-total-panel";

function costOf({ cost, unpriced_runs = 0 }: Spending): string | null {
  if (cost?.usd === undefined) return null;
  // A sum in which something is missing is at least that much; a sum of estimates is about that much.
  const mark = unpriced_runs > 0 ? "≥ " : cost.is_estimated ? "≈ " : "";
  return mark + formatUsd(cost.usd);
}

interface ChatTotalProps {
  spending: Spending | null;
  /** A model named the chat: what that took is in the sum. */
  isNamed: boolean;
}

export function ChatTotal({ spending, isNamed }: ChatTotalProps) {
  const usage = spending?.usage;
  if (spending === null || usage === undefined) return null;
  const cost = costOf(spending);
  const mark = { provider: "", estimated: "≈ ", lower_bound: "≥ " }[usage.source ?? "provider"];
  const counts: [string, number | undefined][] = [
    [strings().figureIn, usage.input],
    [strings().figureCached, usage.cached],
    [strings().figureOut, usage.output],
    [strings().figureReasoning, usage.reasoning],
  ];
  const tokens = formatCount(usage.total ?? (usage.input ?? 0) + (usage.output ?? 0));
  const unpriced = spending.unpriced_runs ?? 0;
  const summary = cost ?? `${mark}${tokens} ${strings().figureTokens}`;
  return (
    <>
      <button
        type="button"
        class="chat-total"
        popovertarget={PANEL}
        aria-label={strings().totalOf(summary)}
        title={strings().totalOf(summary)}
      >
        {summary}
      </button>
      <div id={PANEL} popover="auto" class="total-panel">
        <dl>
          <dt>{strings().totalAnswers}</dt>
          <dd>{formatCount(spending.runs ?? 0)}</dd>
          {counts.map(
            ([label, count]) =>
              count !== undefined &&
              count > 0 && (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd>{mark + formatCount(count)}</dd>
                </div>
              ),
          )}
          <dt>{strings().figureCost}</dt>
          <dd>{cost ?? strings().unknown}</dd>
        </dl>
        {isNamed && <p>{strings().totalWithTitle}</p>}
        {unpriced > 0 && <p>{strings().totalUnpriced(unpriced)}</p>}
      </div>
    </>
  );
}
