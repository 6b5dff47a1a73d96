// The conversation list by day.

import { strings } from "../strings/language";
import { formatMonth } from "../strings/numbers";
import type { Conversation } from "../wire/types/conversations";

export interface DayGroup {
  readonly label: string;
  readonly conversations: readonly Conversation[];
}

const DAY_MS = 86_400_000;

function startOfDay(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}

function dayLabel(updatedMs: number, nowMs: number): string {
  // Rounded, because a day with a clock change has 23 or 25 hours.
  const days = Math.round((startOfDay(nowMs) - startOfDay(updatedMs)) / DAY_MS);
  if (days <= 0) return strings().today;
  if (days === 1) return strings().yesterday;
  if (days < 7) return strings().last7Days;
  if (days < 30) return strings().last30Days;
  return formatMonth(updatedMs);
}

/** Groups in the order in which they are given: pinned first, then newest first. */
export function groupByDay(conversations: readonly Conversation[], nowMs: number): DayGroup[] {
  const groups = new Map<string, Conversation[]>();
  for (const conversation of conversations) {
    const label = conversation.pinned ? strings().pinned : dayLabel(conversation.updated_at * 1000, nowMs);
    groups.set(label, [...(groups.get(label) ?? []), conversation]);
  }
  return [...groups].map(([label, grouped]) => ({ label, conversations: grouped }));
}
