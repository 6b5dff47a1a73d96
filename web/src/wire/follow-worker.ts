// The worker's entry: its network and its timers for the service.

import type { FromWorker, ToWorker } from "./follow-messages";
import { serveFollows } from "./follow-service";

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
  post: (message: FromWorker) => postMessage(message),
  after: (ms, then) => setTimeout(then, ms),
});

addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === "hope") dispatchEvent(new Event(HOPE));
  else take(data);
});
