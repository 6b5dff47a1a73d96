// The worker's side: follows runs, and hands on what they say in batches, one per frame at most.
// Reading a stream costs the thread that reads it; here it is not the one that paints and takes keys.

import type { FromWorker, ToWorker } from "./follow-messages";
import { mergeDeltas } from "./merge-deltas";
import type { Places } from "./places";
import { networkProblem } from "./problem";
import { type FollowPorts, RunFollower } from "./run-follower";
import type { RunEvent } from "./types/events";

interface ServicePorts extends Omit<FollowPorts, "takePlace"> {
  readonly places: Places;
  post(message: FromWorker): void;
  /** Calls back after the time. */
  after(ms: number, then: () => void): void;
}

const FRAME_MS = 16;
/** Text that comes faster than anybody reads goes on in fewer and larger pieces: half the work, and none sees it. */
const FAST_EVENTS = 12;
const FAST_FRAME_MS = 33;

/** The first events go at once; those that come within a frame of them go together at its end. */
class EventBatch {
  readonly #hand: (events: readonly RunEvent[]) => void;
  readonly #after: ServicePorts["after"];
  #waiting: RunEvent[] = [];
  #isInFrame = false;

  constructor(hand: (events: readonly RunEvent[]) => void, after: ServicePorts["after"]) {
    this.#hand = hand;
    this.#after = after;
  }

  add(events: readonly RunEvent[]): void {
    this.#waiting.push(...events);
    if (!this.#isInFrame) this.#begin();
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    const events = this.#waiting;
    this.#waiting = [];
    this.#hand(mergeDeltas(events));
  }

  #begin(): void {
    this.#isInFrame = true;
    const ms = this.#waiting.length >= FAST_EVENTS ? FAST_FRAME_MS : FRAME_MS;
    this.flush();
    this.#after(ms, () => {
      this.#isInFrame = false;
      if (this.#waiting.length > 0) this.#begin();
    });
  }
}

/** Serves the page's wishes; gives what takes them. */
export function serveFollows(ports: ServicePorts): (message: ToWorker) => void {
  const following = new Map<number, AbortController>();
  const followPorts = { ...ports, takePlace: (signal: AbortSignal) => ports.places.take(signal) };

  async function follow(id: number, runId: string, after: number): Promise<void> {
    const left = new AbortController();
    following.set(id, left);
    const batch = new EventBatch((events) => ports.post({ id, type: "events", events }), ports.after);
    const follower = new RunFollower(runId, after, followPorts, {
      onEvents: (events) => batch.add(events),
      onConnection: (connection) => {
        batch.flush();
        ports.post({ id, type: "connection", connection });
      },
    });
    try {
      const end = await follower.follow(left.signal);
      batch.flush();
      ports.post({ id, type: "end", end });
    } catch (error) {
      batch.flush();
      const { status, code, message } = networkProblem(error);
      ports.post({ id, type: "problem", status, code, message });
    } finally {
      following.delete(id);
    }
  }

  return (message) => {
    if (message.type === "follow") void follow(message.id, message.runId, message.after);
    else if (message.type === "leave") following.get(message.id)?.abort();
    else ports.places.see(message.isSeen);
  };
}
