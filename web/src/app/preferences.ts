// What a person chose for this browser. How a page looks and how it takes keys belongs to the device: a phone and a desk
// differ. Kept in its storage, and in step between its tabs.

import { effect, type Signal, signal } from "@preact/signals";
import type { TextDisplay } from "../text/text-view";
import type { SendKey } from "../ui/send-key-context";
import type { Theme } from "../ui/settings-dialog";

const THEMES: readonly [Theme, ...Theme[]] = ["system", "light", "dark"];
const DISPLAYS: readonly [TextDisplay, ...TextDisplay[]] = ["smooth", "immediate", "whole"];
const SEND_KEYS: readonly [SendKey, ...SendKey[]] = ["enter", "modified"];

export interface Preferences {
  readonly theme: Signal<Theme>;
  readonly display: Signal<TextDisplay>;
  readonly sendKey: Signal<SendKey>;
}

/** A choice that is kept; the first value is the default. */
function keep<Value extends string>(
  storage: Storage,
  key: string,
  values: readonly [Value, ...Value[]],
): Signal<Value> {
  const read = () => values.find((value) => value === storage.getItem(key)) ?? values[0];
  const kept = signal(read());
  kept.subscribe((chosen) => {
    if (chosen !== read()) storage.setItem(key, chosen);
  });
  window.addEventListener("storage", () => {
    kept.value = read();
  });
  return kept;
}

/** Reads what was chosen. The theme is applied here, and before the first paint by `theme.js`. */
export function keptPreferences(storage: Storage): Preferences {
  const theme = keep(storage, "penstock.theme", THEMES);
  effect(() => {
    const { dataset } = document.documentElement;
    if (theme.value === "system") delete dataset["theme"];
    else dataset["theme"] = theme.value;
  });
  return {
    theme,
    display: keep(storage, "penstock.display", DISPLAYS),
    sendKey: keep(storage, "penstock.send-key", SEND_KEYS),
  };
}
