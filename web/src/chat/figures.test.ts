import { describe, expect, it } from "vitest";
import type { Message } from "../wire/types/messages";
import { answerFigures, tokensPerSecond } from "./figures";

const answer = (fields: Partial<Message>): Message => ({
  id: "a",
  conversation_id: "c",
  role: "assistant",
  parts: [],
  created_at: 0,
  ...fields,
});

describe("the figures under an answer", () => {
  it("say unknown where nothing is known", () => {
    expect(answerFigures(answer({})).map(({ value }) => value)).toEqual(["unknown", "unknown"]);
  });

  it("mark estimates and lower bounds", () => {
    const usage = { input: 10, output: 1200, source: "estimated" as const };
    expect(answerFigures(answer({ usage })).map(({ value }) => value)).toEqual([
      "≈ 10",
      "≈ 1,200",
      "unknown",
    ]);
    expect(answerFigures(answer({ usage: { ...usage, source: "lower_bound" } }))[1]?.value).toBe("≥ 1,200");
  });

  it("count the rate from the first token on", () => {
    expect(tokensPerSecond({ output: 100 }, { first_token_ms: 1000, total_ms: 3000 })).toBe(50);
    expect(tokensPerSecond({ output: 100 }, { total_ms: 3000 })).toBeNull();
  });
});
