// The conversation list by day.

import type { Conversation } from "../wire/events";

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
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days < 7) return "Last 7 days";
  if (days < 30) return "Last 30 days";
  return new Date(updatedMs).toLocaleDateString("en-US", { month: "long", year: "numeric" });
}

/** Groups in the order in which they are given: pinned first, then newest first. */
export function groupByDay(conversations: readonly Conversation[], nowMs: number): DayGroup[] {
  const groups = new Map<string, Conversation[]>();
  for (const conversation of conversations) {
    const label = conversation.pinned ? "Pinned" : dayLabel(conversation.updated_at * 1000, nowMs);
    groups.set(label, [...(groups.get(label) ?? []), conversation]);
  }
  return [...groups].map(([label, grouped]) => ({ label, conversations: grouped }));
}
