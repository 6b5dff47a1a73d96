import { describe, expect, it } from "vitest";
import type { RunEvent } from "./events";
import { type Connection, RunFollower, retryDelay } from "./run-follower";

const LOG: RunEvent[] = [
  { type: "run-started", run_id: "run_1", message_id: "msg_1", model: "m", provider: "p" },
  { type: "step-started", index: 0 },
  { type: "text-started", part_id: "text-0" },
  ...[..."abcdef"].map((text): RunEvent => ({ type: "text-delta", part_id: "text-0", text })),
  { type: "text-ended", part_id: "text-0" },
  { type: "step-finished", index: 0, finish_reason: "stop" },
  { type: "run-finished", finish_reason: "stop" },
];

function frames(from: number, to: number): string {
  return LOG.slice(from, to)
    .map((event, index) => `id: ${from + index}\ndata: ${JSON.stringify(event)}\n\n`)
    .join("");
}

/** Answers each request by the next of these; remembers the offsets that were asked for. */
function follow(answers: ((after: number) => Response | Error)[], signal = new AbortController().signal) {
  const asked: number[] = [];
  const seen: RunEvent[] = [];
  const connections: Connection[] = [];
  const send = (input: RequestInfo | URL): Promise<Response> => {
    const after = Number(new URL(String(input), "http://localhost").searchParams.get("after"));
    asked.push(after);
    const answer = answers.shift()?.(after) ?? new Error("no more answers");
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const follower = new RunFollower(
    "run_1",
    -1,
    { send: send as typeof fetch, wait: () => Promise.resolve(), random: () => 0, now: () => 0 },
    {
      onEvents: (events) => seen.push(...events),
      onConnection: (connection) => connections.push(connection),
    },
  );
  return { end: follower.follow(signal), asked, seen, connections };
}

const rest = (after: number) => new Response(frames(after + 1, LOG.length));

describe("following a run", () => {
  it("hands on every event once, in order, until the terminal", async () => {
    const { end, seen } = follow([rest]);
    expect(await end).toBe("terminal");
    expect(seen).toEqual(LOG);
  });

  it("goes on after the last offset when the connection breaks", async () => {
    const { end, seen, asked } = follow([
      () => new Response(frames(0, 5)),
      () => new TypeError("network"),
      rest,
    ]);
    expect(await end).toBe("terminal");
    expect(asked).toEqual([-1, 4, 4]);
    expect(seen).toEqual(LOG);
  });

  it("drops what it has seen when the server sends it again", async () => {
    const { end, seen } = follow([
      () => new Response(frames(0, 6)),
      () => new Response(frames(2, LOG.length)),
    ]);
    expect(await end).toBe("terminal");
    expect(seen).toEqual(LOG);
  });

  it("never shows text after a gap, but asks for what is missing", async () => {
    const { end, seen, asked } = follow([() => new Response(frames(0, 4) + frames(6, 9)), rest]);
    expect(await end).toBe("terminal");
    expect(asked).toEqual([-1, 3]);
    expect(seen).toEqual(LOG);
  });

  it("tries again while the server restarts, and says so", async () => {
    const { end, connections } = follow([() => new Response("", { status: 503 }), rest]);
    expect(await end).toBe("terminal");
    expect(connections).toEqual(["connecting", "reconnecting", "connected"]);
  });

  it("ends as gone when the log was dropped, so that the message is read instead", async () => {
    expect(await follow([() => new Response("", { status: 410 })]).end).toBe("gone");
  });

  it("gives up on a run that is not there", async () => {
    await expect(follow([() => new Response("{}", { status: 404 })]).end).rejects.toMatchObject({
      status: 404,
    });
  });

  it("leaves when told to", async () => {
    expect(await follow([rest], AbortSignal.abort()).end).toBe("left");
  });

  it("waits longer after each failure, up to a limit", () => {
    expect([1, 2, 3, 20].map((failures) => retryDelay(failures, 1))).toEqual([250, 500, 1000, 8000]);
  });
});
