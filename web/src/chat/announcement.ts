// What is said to those who listen to the page instead of looking at it. One region says it, politely.

import { type ReadonlySignal, signal } from "@preact/signals";

const said = signal("");

export const announcement: ReadonlySignal<string> = said;

/** Says something once. The same words twice are told apart by a space that is not heard. */
export function announce(words: string): void {
  said.value = said.peek() === words ? `${words}\u00a0` : words;
}
