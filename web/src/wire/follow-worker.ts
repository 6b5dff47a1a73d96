// The worker's entry: its network and its timers for the service.

import type { FromWorker, ToWorker } from "./follow-messages";
import { serveFollows } from "./follow-service";
import { Places } from "./places";

const HOPE = "hope";

/** Waits, but no longer than until the browser is online again or the page is looked at again. */
function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = new AbortController();
    const timer = setTimeout(finish, ms);
    function finish() {
      clearTimeout(timer);
      done.abort();
      resolve();
    }
    const options = { signal: done.signal };
    addEventListener("online", finish, options);
    addEventListener(HOPE, finish, options);
    signal.addEventListener("abort", finish, options);
  });
}

const take = serveFollows({
  send: (input, init) => fetch(input, init),
  wait,
  random: Math.random,
  now: () => performance.now(),
  places: new Places(navigator.locks),
  post: (message: FromWorker) => postMessage(message),
  after: (ms, then) => setTimeout(then, ms),
});

addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  take(data);
  if (data.type === "seen" && data.isSeen) dispatchEvent(new Event(HOPE));
});
