import { beforeEach, describe, expect, it } from "vitest";
import { FollowClient } from "./follow-client";
import { serveFollows } from "./follow-service";
import { mergeDeltas } from "./merge-deltas";
import { Places } from "./places";
import { Problem } from "./problem";
import type { Connection } from "./run-follower";
import type { RunEvent } from "./types/events";

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const delta = (text: string, part_id = "text-0"): RunEvent => ({ type: "text-delta", part_id, text });
const END: RunEvent = { type: "run-finished", finish_reason: "stop" };

let frames: (() => void)[];
let write: (...events: RunEvent[]) => void;
let refuse: Response | null;
let batches: (readonly RunEvent[])[];
let connections: Connection[];
let left: AbortController;
let client: FollowClient;

/** A server whose log is written by `write`; page and worker talk without a thread between them. */
beforeEach(() => {
  frames = [];
  batches = [];
  connections = [];
  refuse = null;
  left = new AbortController();
  let seq = 0;
  const encoder = new TextEncoder();
  const send = (async (_url: string, init: RequestInit) => {
    if (refuse !== null) return refuse;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        write = (...events) => {
          for (const event of events) {
            controller.enqueue(encoder.encode(`id: ${seq}\ndata: ${JSON.stringify(event)}\n\n`));
            seq += 1;
          }
        };
        init.signal?.addEventListener("abort", () => controller.error(new Error("left")));
      },
    });
    return new Response(body);
  }) as typeof fetch;
  const take = serveFollows({
    send,
    wait: () => Promise.resolve(),
    random: () => 0,
    now: () => 0,
    places: new Places(undefined),
    post: (message) => client.take(structuredClone(message)),
    after: (_ms, then) => frames.push(then),
  });
  client = new FollowClient((message) => take(structuredClone(message)));
});

function follow() {
  return client.follow(
    "run_1",
    -1,
    {
      onEvents: (events) => batches.push(events),
      onConnection: (connection) => connections.push(connection),
    },
    left.signal,
  );
}

async function say(...events: RunEvent[]): Promise<void> {
  write(...events);
  await settled();
}

describe("following by the worker", () => {
  it("hands on the first words at once, and what comes within a frame of them as one piece", async () => {
    const end = follow();
    await settled();
    await say(delta("a"));
    await say(delta("b"));
    await say(delta("c"));
    expect(batches).toEqual([[delta("a")]]);
    frames.shift()?.();
    expect(batches).toEqual([[delta("a")], [delta("bc")]]);
    await say(delta("d"), END);
    expect(await end).toBe("terminal");
    expect(batches.at(-1)).toEqual([delta("d"), END]);
    expect(connections).toEqual(["connecting", "connected"]);
  });

  it("asks for no frame while nothing comes", async () => {
    void follow();
    await settled();
    await say(delta("a"));
    frames.shift()?.();
    expect(frames).toHaveLength(0);
  });

  it("leaves when told to", async () => {
    const end = follow();
    await settled();
    left.abort();
    expect(await end).toBe("left");
  });

  it("hands on what the server refuses as the problem that it is", async () => {
    refuse = Response.json({ code: "not_found", detail: "There is no such run." }, { status: 404 });
    const problem = await follow().catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ status: 404, code: "not_found", message: "There is no such run." });
  });
});

it("says to all who follow that the worker is gone, so that they begin again", async () => {
  const end = follow();
  client.lose();
  await expect(end).rejects.toMatchObject({ status: 0 });
  expect(batches).toEqual([]);
});

describe("merging pieces", () => {
  it("keeps parts, kinds and everything between them apart", () => {
    const log: RunEvent[] = [
      delta("a"),
      delta("b"),
      delta("c", "text-1"),
      { type: "reasoning-delta", part_id: "text-1", text: "d" },
      delta("e"),
      { type: "progress", stage: "searching", state: "started" },
      delta("f"),
      delta("g"),
    ];
    expect(mergeDeltas(log)).toEqual([delta("ab"), ...log.slice(2, 6), delta("fg")]);
  });

  it("keeps what a provider added to a piece", () => {
    const log: RunEvent[] = [delta("a"), { ...delta("b"), extra: { logprobs: 1 } }, delta("c")];
    expect(mergeDeltas(log)).toEqual(log);
  });
});
