import { describe, expect, it } from "vitest";
import { Spacing } from "./spacing";
import type { RunEvent } from "./types/events";
import type { Terminal } from "./types/terminals";

const TEXT: RunEvent = { type: "text-delta", part_id: "text-0", text: "a" };

function ended(firstTokenMs: number, totalMs: number): Terminal {
  const timings = { first_token_ms: firstTokenMs, total_ms: totalMs };
  return { type: "run-finished", finish_reason: "stop", timings };
}

describe("an answer that was written for four seconds", () => {
  it.each<[string, number, number, boolean]>([
    ["came as it was written", 600, 4500, false],
    ["came in one lump at its end", 4490, 4500, true],
    ["was mostly held back", 4000, 4500, true],
    ["was read later, when it had been written", 20, 30, false],
    ["was joined in its last second", 1000, 1010, false],
  ])("%s", (_name, firstTextAt, endAt, isLump) => {
    const spacing = new Spacing(0);
    spacing.arrive([TEXT], firstTextAt);
    spacing.arrive([TEXT], endAt);
    expect(spacing.isLump(ended(500, 4500), endAt)).toBe(isLump);
  });
});

it("says nothing of a short answer, of one without text, and of one whose times are not known", () => {
  const spacing = new Spacing(0);
  expect(spacing.isLump(ended(500, 4500), 4500)).toBe(false);
  spacing.arrive([TEXT], 1400);
  expect(spacing.isLump(ended(400, 1400), 1400)).toBe(false);
  expect(spacing.isLump({ type: "run-stopped", by: "user" }, 1400)).toBe(false);
});
