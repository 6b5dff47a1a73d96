// What the page gives to code that knows no browser: time, ids, frames, the network.

import type { SessionPorts } from "../chat/chat-session";
import type { Api } from "../wire/api";

/** Random, and sortable by time of making. */
function makeId(): string {
  const random = crypto.getRandomValues(new Uint8Array(10));
  const hex = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${Date.now().toString(36)}${hex}`;
}

/** Waits, but no longer than until the browser is online again or the page is looked at again. */
function waitForHope(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = new AbortController();
    const timer = setTimeout(finish, ms);
    function finish() {
      clearTimeout(timer);
      done.abort();
      resolve();
    }
    const options = { signal: done.signal };
    window.addEventListener("online", finish, options);
    signal.addEventListener("abort", finish, options);
    const onVisible = () => {
      if (!document.hidden) finish();
    };
    document.addEventListener("visibilitychange", onVisible, options);
  });
}

/** Before the next paint; a hidden page paints nothing, so soon. */
function schedule(publish: () => void): void {
  if (document.hidden) setTimeout(publish, 50);
  else requestAnimationFrame(publish);
}

export function pagePorts(api: Api): SessionPorts {
  return {
    api,
    follow: { send: (input, init) => fetch(input, init), wait: waitForHope, random: Math.random },
    now: () => performance.now(),
    time: () => Date.now() / 1000,
    makeId,
    schedule,
  };
}
