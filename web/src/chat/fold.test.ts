import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../wire/types/events";
import type { FoldedMessage } from "../wire/types/messages";
import { EMPTY_FOLD, foldEvent, foldedMessage } from "./fold";

interface Case {
  name: string;
  events: RunEvent[];
  message: FoldedMessage;
}

const folder = resolve(import.meta.dirname, "../../../spec/fold");
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];

function fold(events: readonly RunEvent[]): FoldedMessage {
  return foldedMessage(events.reduce(foldEvent, EMPTY_FOLD));
}

describe("the fold gives what the shared cases say", () => {
  it.each(files)("%s", (file) => {
    const parsed = JSON.parse(readFileSync(resolve(folder, file), "utf8")) as Case;
    expect(fold(parsed.events)).toEqual(parsed.message);
  });

  it("finds the shared cases when they are there", () => {
    expect(files.length > 0 || !existsSync(folder)).toBe(true);
  });
});

describe("the fold", () => {
  it("starts as a message without anything", () => {
    expect(fold([])).toEqual({});
  });

  it("keeps an earlier state as it was", () => {
    const started = foldEvent(EMPTY_FOLD, { type: "text-started", part_id: "text-0" });
    foldEvent(started, { type: "text-delta", part_id: "text-0", text: "grown" });
    expect(foldedMessage(started).parts).toEqual([{ type: "text", part_id: "text-0", text: "" }]);
  });

  it("ignores an event that a newer server may send", () => {
    const unknown = { type: "sound-started" } as unknown as RunEvent;
    expect(foldEvent(EMPTY_FOLD, unknown)).toBe(EMPTY_FOLD);
  });

  it("gives the step's content up on a reset, and keeps what was spent", () => {
    const message = fold([
      { type: "step-started", index: 0 },
      { type: "text-started", part_id: "text-0" },
      { type: "text-delta", part_id: "text-0", text: "void" },
      { type: "usage", input: 3 },
      { type: "text-ended", part_id: "text-0" },
      { type: "step-reset", index: 0 },
    ]);
    expect(message).toEqual({ usage: { input: 3 } });
  });
});
