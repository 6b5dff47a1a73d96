import { describe, expect, it } from "vitest";
import type { Message } from "../wire/types/messages";
import { canContinue, joinAnswers } from "./continued";

const answer = (fields: Partial<Message>): Message => ({
  id: "a",
  conversation_id: "c",
  role: "assistant",
  parts: [{ type: "text", part_id: "text-0", text: "half" }],
  status: "stopped",
  created_at: 0,
  ...fields,
});

describe("an answer that broke off", () => {
  it.each([
    [{ status: "stopped" }, true],
    [{ status: "interrupted" }, true],
    [{ status: "failed", failure: { code: "server_error", message: "" } }, true],
    [{ status: "finished", finish_reason: "length" }, true],
    [{ status: "finished", finish_reason: "stop" }, false],
    [{ status: "finished", finish_reason: "content-filter" }, false],
    [{ status: "failed", failure: { code: "content_filter", message: "" } }, false],
    [{ status: "stopped", parts: [] }, false],
    [{ status: "stopped", role: "user" }, false],
  ] as const)("with %j can be continued: %s", (fields, expected) => {
    expect(canContinue(answer(fields))).toBe(expected);
  });
});

describe("an answer and its rest", () => {
  const first = answer({
    usage: { input: 10, output: 5, source: "estimated" },
    cost: { usd: 0.1, is_estimated: true },
    timings: { first_token_ms: 100, total_ms: 500 },
  });
  const rest = answer({
    id: "b",
    status: "finished",
    parts: [
      { type: "text", part_id: "text-0", text: " and half" },
      { type: "source", source_id: "s", kind: "url" },
    ],
    usage: { input: 20, output: 7 },
    cost: { usd: 0.2 },
    timings: { first_token_ms: 50, total_ms: 300 },
  });

  it("are one text, and end as the rest does", () => {
    const whole = joinAnswers(first, rest, 1);
    expect(whole.parts.map((part) => ("text" in part ? part.text : part.type))).toEqual([
      "half and half",
      "source",
    ]);
    expect([whole.id, whole.status]).toEqual(["b", "finished"]);
  });

  it("took what both took together, and an estimate in it makes the sum one", () => {
    const whole = joinAnswers(first, rest, 1);
    expect(whole.usage).toMatchObject({ input: 30, output: 12, source: "estimated" });
    expect(whole.cost).toMatchObject({ is_estimated: true });
    expect(whole.cost?.usd).toBeCloseTo(0.3);
    expect(whole.timings).toEqual({ first_token_ms: 100, total_ms: 800 });
  });

  it("have no sum where a part is not known", () => {
    const { usage, cost, ...unknown } = rest;
    const whole = joinAnswers(first, unknown, 1);
    expect([whole.usage, whole.cost]).toEqual([undefined, undefined]);
  });

  it("keep different parts apart, under names of their own", () => {
    const thought = answer({ parts: [{ type: "reasoning", part_id: "text-0", text: "hm" }] });
    const names = joinAnswers(first, thought, 1).parts.map((part) => ("part_id" in part ? part.part_id : ""));
    expect(new Set(names).size).toBe(2);
  });
});
