// What the page gives to code that knows no browser: time, ids, the worker.

import type { SessionPorts } from "../chat/chat-session";
import type { Api } from "../wire/api";
import { FollowClient } from "../wire/follow-client";
import type { FromWorker } from "../wire/follow-messages";

/** Random, and sortable by time of making. */
function makeId(): string {
  const random = crypto.getRandomValues(new Uint8Array(10));
  const hex = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${Date.now().toString(36)}${hex}`;
}

/** Milliseconds after which the page has been painted: to start a worker takes the thread that paints it. */
const PAINTED_MS = 250;

/** The worker that reads the streams. It is started before it is wanted, so that the first answer does not wait for it. */
function startFollowing(): FollowClient {
  const start = () => {
    const started = new Worker(new URL("../wire/follow-worker.ts", import.meta.url), { type: "module" });
    started.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => client.take(data));
    started.addEventListener("error", (event) => {
      // An error inside of it is an ErrorEvent; this one says that its script did not come, and nothing ever will.
      if (event instanceof ErrorEvent) return;
      worker = null;
      client.lose();
    });
    return started;
  };
  const client = new FollowClient((message) => {
    worker ??= start();
    worker.postMessage(message);
  });
  let worker: Worker | null = null;
  setTimeout(() => {
    worker ??= start();
  }, PAINTED_MS);
  document.addEventListener("visibilitychange", () => client.see(!document.hidden));
  if (document.hidden) client.see(false);
  return client;
}

export function pagePorts(api: Api): SessionPorts {
  return {
    api,
    follow: startFollowing().follow,
    now: () => performance.now(),
    time: () => Date.now() / 1000,
    makeId,
  };
}
