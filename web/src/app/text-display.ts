// How this person wants text to come; kept in this browser.

import { type Signal, signal } from "@preact/signals";
import type { TextDisplay } from "../text/text-view";

const KEY = "penstock.display";
const DISPLAYS: readonly string[] = ["smooth", "immediate", "whole"] satisfies TextDisplay[];

/** The kept choice as a signal; what is set is kept. */
export function keptDisplay(storage: Storage): Signal<TextDisplay> {
  const kept = storage.getItem(KEY) ?? "";
  const display = signal<TextDisplay>(DISPLAYS.includes(kept) ? (kept as TextDisplay) : "smooth");
  display.subscribe((chosen) => storage.setItem(KEY, chosen));
  return display;
}
