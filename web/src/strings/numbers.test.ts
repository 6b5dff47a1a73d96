import { afterEach, describe, expect, it } from "vitest";
import { chooseLanguage } from "./language";
import { formatCount, formatDuration, formatUsd, formatWait } from "./numbers";

afterEach(() => chooseLanguage("en", localStorage));

describe("numbers in the page's language", () => {
  it.each([
    [0, "$0"],
    [0.000312, "$0.000312"],
    [0.012, "$0.012"],
    [0.5, "$0.50"],
    [12.345, "$12.35"],
    [0.0000001, "< $0.000001"],
  ])("write %d dollars as %s", (usd, words) => {
    expect(formatUsd(usd)).toBe(words);
  });

  it.each([
    [0.4, "< 1 ms"],
    [84, "84 ms"],
    [4120, "4.1 s"],
    [125_000, "2 min 5 s"],
  ])("write %d ms as %s", (ms, words) => {
    expect(formatDuration(ms)).toBe(words);
  });

  it.each([
    [12, "12 s"],
    [250, "4 min 10 s"],
    [86_398, "23 h 59 min"],
  ])("write a wait of %d seconds as %s", (seconds, words) => {
    expect(formatWait(seconds)).toBe(words);
  });

  it("are written in German as Germans do", async () => {
    await chooseLanguage("de", localStorage);
    expect([formatCount(12_345), formatDuration(4120), formatUsd(0.5)]).toEqual([
      "12.345",
      "4,1 s",
      "0,50\u00a0$",
    ]);
  });
});
