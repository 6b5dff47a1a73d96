// Whether the browser has a network at all.

import { type ReadonlySignal, signal } from "@preact/signals";

const online = signal(navigator.onLine);

export const isOnline: ReadonlySignal<boolean> = online;

/** Keeps `isOnline` true to life, and calls back when the network is there again. */
export function watchConnection(onBack: () => void): void {
  window.addEventListener("offline", () => {
    online.value = false;
  });
  window.addEventListener("online", () => {
    online.value = true;
    onBack();
  });
}
