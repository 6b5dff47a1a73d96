import { describe, expect, it } from "vitest";
import { repairEnd } from "./growing-end";

describe("the end of a block that is being written", () => {
  it.each([
    ["some **bold", "some **bold**"],
    ["some **", "some"],
    ["some **bold*", "some **bold**"],
    ["some **bold**", "some **bold**"],
    ["some `co", "some `co`"],
    ["some ~~str~", "some ~~str~~"],
    ["see [a link](https://exam", "see a link"],
    ["5 \\*", "5 \\*"],
    ["words", "words"],
  ])("%j is shown as %j", (block, shown) => {
    expect(repairEnd(block).trimEnd()).toBe(shown);
  });

  it.each(["| a | b", "| a | b |\n", "| a | b |\n|--", "before\n| a |\n|-"])(
    "keeps the half table %j back",
    (block) => {
      expect(repairEnd(block)).not.toContain("|");
    },
  );

  it.each(["| a |\n|---|\n| 1", "| a |\nno table", "a | b"])("keeps all of %j", (block) => {
    expect(repairEnd(block)).toBe(block);
  });
});
