// The page's side of following runs: asks the worker, and hands on what comes back.

import type { FromWorker, ToWorker } from "./follow-messages";
import { Problem } from "./problem";
import type { FollowEnd, FollowHandlers } from "./run-follower";

/** Follows a run from the event after `after` until it ends or the signal says to leave. */
export type FollowRun = (
  runId: string,
  after: number,
  handlers: FollowHandlers,
  signal: AbortSignal,
) => Promise<FollowEnd>;

interface Followed {
  handlers: FollowHandlers;
  resolve(end: FollowEnd): void;
  reject(problem: Problem): void;
}

export class FollowClient {
  readonly #post: (message: ToWorker) => void;
  readonly #followed = new Map<number, Followed>();
  #count = 0;

  constructor(post: (message: ToWorker) => void) {
    this.#post = post;
  }

  readonly follow: FollowRun = (runId, after, handlers, signal) =>
    new Promise((resolve, reject) => {
      this.#count += 1;
      const id = this.#count;
      this.#followed.set(id, { handlers, resolve, reject });
      signal.addEventListener("abort", () => this.#post({ type: "leave", id }), { once: true });
      this.#post({ type: "follow", id, runId, after });
    });

  /** Says whether somebody looks at the page: who waits to try again then tries at once. */
  see(isSeen: boolean): void {
    this.#post({ type: "seen", isSeen });
  }

  /** The worker is gone: who follows has to begin again, by a new one. */
  lose(): void {
    const lost = [...this.#followed.values()];
    this.#followed.clear();
    for (const { reject } of lost) reject(new Problem(0, "offline", ""));
  }

  /** Takes what the worker says. */
  take(message: FromWorker): void {
    const followed = this.#followed.get(message.id);
    if (followed === undefined) return;
    switch (message.type) {
      case "events":
        followed.handlers.onEvents(message.events);
        return;
      case "connection":
        followed.handlers.onConnection(message.connection);
        return;
      case "end":
        followed.resolve(message.end);
        break;
      case "problem":
        followed.reject(new Problem(message.status, message.code, message.message));
    }
    this.#followed.delete(message.id);
  }
}
