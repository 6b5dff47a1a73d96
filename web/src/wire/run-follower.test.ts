import { describe, expect, it } from "vitest";
import type { Place } from "./places";
import { type Connection, RunFollower, retryDelay } from "./run-follower";
import type { RunEvent } from "./types/events";

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

const NEVER = new AbortController().signal;
const STAY: Place = { isBrief: false, lost: NEVER, leave: () => undefined };

/** A body that stays open behind this part of the log, until its reader leaves. */
function openEnd(from: number, to: number, left: AbortSignal): Response {
  const start = (controller: ReadableStreamDefaultController) => {
    controller.enqueue(new TextEncoder().encode(frames(from, to)));
    left.addEventListener("abort", () => controller.error(left.reason));
  };
  return new Response(new ReadableStream({ start }));
}

/** Answers each request by the next of these; remembers the offsets that were asked for. */
function follow(
  answers: ((after: number, left: AbortSignal) => Response | Error)[],
  { signal = new AbortController().signal, places = [] as Place[] } = {},
) {
  const asked: number[] = [];
  const seen: RunEvent[] = [];
  const connections: Connection[] = [];
  const send = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const after = Number(new URL(String(input), "http://localhost").searchParams.get("after"));
    asked.push(after);
    const answer = answers.shift()?.(after, init?.signal ?? NEVER) ?? new Error("no more answers");
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const follower = new RunFollower(
    "run_1",
    -1,
    {
      send: send as typeof fetch,
      wait: () => Promise.resolve(),
      random: () => 0,
      now: () => performance.now(),
      takePlace: () => Promise.resolve(places.shift() ?? STAY),
    },
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
    expect(await follow([rest], { signal: AbortSignal.abort() }).end).toBe("left");
  });

  it("only looks when there is no place to stay: takes what there is, leaves the place, and comes again", async () => {
    let places = 0;
    const look = (): Place => {
      places += 1;
      return { isBrief: true, lost: NEVER, leave: () => (places -= 1) };
    };
    const held: number[] = [];
    const open = (from: number, to: number) => (_after: number, left: AbortSignal) => {
      held.push(places);
      return openEnd(from, to, left);
    };
    const { end, seen, asked, connections } = follow([open(0, 5), open(5, 5), rest], {
      places: [look(), look(), look()],
    });
    expect(await end).toBe("terminal");
    expect(asked).toEqual([-1, 4, 4]);
    expect(held).toEqual([3, 2]);
    expect(places).toBe(0);
    expect(seen).toEqual(LOG);
    expect(connections).not.toContain("reconnecting");
  });

  it("gives a place back that is wanted elsewhere, and goes on without a lost event", async () => {
    const lost = new AbortController();
    const place = { isBrief: false, lost: lost.signal, leave: () => undefined };
    const wanted = (_after: number, left: AbortSignal) => {
      setTimeout(() => lost.abort(), 0);
      return openEnd(0, 6, left);
    };
    const { end, seen, asked, connections } = follow([wanted, rest], { places: [place] });
    expect(await end).toBe("terminal");
    expect(asked).toEqual([-1, 5]);
    expect(seen).toEqual(LOG);
    expect(connections).not.toContain("reconnecting");
  });

  it("waits longer after each failure, up to a limit", () => {
    expect([1, 2, 3, 20].map((failures) => retryDelay(failures, 1))).toEqual([250, 500, 1000, 8000]);
  });
});
