import { describe, expect, it } from "vitest";
import { groupByDay } from "./days";

const now = new Date(2026, 10, 21, 9, 0).getTime();
const at = (date: Date, fields = {}) => ({
  id: String(date),
  owner: "",
  created_at: 0,
  updated_at: date.getTime() / 1000,
  ...fields,
});

describe("the list by day", () => {
  it("groups by the calendar, not by hours", () => {
    const groups = groupByDay(
      [
        at(new Date(2026, 10, 1), { pinned: true }),
        at(new Date(2026, 10, 21, 0, 5)),
        at(new Date(2026, 10, 20, 23, 55)),
        at(new Date(2026, 10, 16)),
        at(new Date(2026, 10, 1)),
        at(new Date(2026, 7, 3)),
      ],
      now,
    );
    expect(groups.map(({ label }) => label)).toEqual([
      "Pinned",
      "Today",
      "Yesterday",
      "Last 7 days",
      "Last 30 days",
      "August 2026",
    ]);
  });
});
