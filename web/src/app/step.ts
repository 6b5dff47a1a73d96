// Keeps tabs and devices in step: tabs of one browser tell each other at once, and the server is asked every few seconds.
//
// Asking, and no stream of changes: a browser opens six connections to an HTTP/1.1 server, and each running answer in
// each tab takes one; a stream per tab would leave none. An answer of 304 is some hundred bytes.

import { type ReadonlySignal, signal } from "@preact/signals";

const EVERY_MS = 4000;

export interface Step {
  /** Whether somebody can see this page. */
  readonly isVisible: ReadonlySignal<boolean>;
  /** Tells the other tabs that something changed. */
  tell(): void;
}

/** Calls `look` when something may have changed elsewhere. */
export function keepInStep(look: () => void): Step {
  const isVisible = signal(!document.hidden);
  const channel = new BroadcastChannel("penstock");
  channel.onmessage = look;
  document.addEventListener("visibilitychange", () => {
    isVisible.value = !document.hidden;
    if (isVisible.value) look();
  });
  window.addEventListener("online", look);
  setInterval(() => {
    if (isVisible.value) look();
  }, EVERY_MS);
  return { isVisible, tell: () => channel.postMessage(null) };
}
